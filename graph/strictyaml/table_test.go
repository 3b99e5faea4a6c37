package strictyaml_test

import (
	"testing"

	"roundtrip/graph/strictyaml"
)

func TestKeysAreShownAsATable(t *testing.T) {
	keys := garden().Keys
	keys = append(keys, keys[11].Keys[1].Keys...)
	const want = "| key | form | default | meaning |\n|---|---|---|---|\n" +
		"| `name` | id | required | What it is called. |\n" +
		"| `plants` or `plant` | list | required | What grows in it. |\n" +
		"| `note` | text |  | More. |\n" +
		"| `soil` | list of `CLAY`, `SAND` |  | What it grows in. |\n" +
		"| `gate` | `open`, `shut` |  | The state of the gate. |\n" +
		"| `public` | true or false |  | Whether anybody may enter. |\n" +
		"| `beds` | integer from 1 to 20 | 4 | How many beds it has. |\n" +
		"| `steps` | integer from 0 |  | Down to the pond. |\n" +
		"| `size` | number from 0.5 to 99 | as it was bought | In acres. |\n" +
		"| `worth` | money | 1k | What it would fetch. |\n" +
		"| `since` | date |  | When it was laid out. |\n" +
		"| `shed` | mapping |  | The shed. |\n" +
		"| `labels` | arguments by name |  | Texts by name. |\n" +
		"| `kind` | `axe`, `hose` | required | What it is. |\n" +
		"| `edge` | text | required by axe | How sharp it is. |\n" +
		"| `length` | integer |  | In feet. |\n"
	if got := strictyaml.Table(keys); got != want {
		t.Errorf("the table is\n%s\nwant\n%s", got, want)
	}
}
