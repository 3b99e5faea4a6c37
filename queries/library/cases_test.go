package library_test

import (
	"os"
	"testing"

	"roundtrip/queries/casetest"
	"roundtrip/queries/library"
)

func TestEveryWrittenCaseHoldsOnTheEmbeddedStore(t *testing.T) {
	casetest.Run(t, library.All(), os.DirFS("."), embedded())
}
