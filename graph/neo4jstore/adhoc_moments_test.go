package neo4jstore

import (
	"math"
	"testing"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j/dbtype"
	"github.com/stretchr/testify/require"
)

func TestParametersAreTakenInTheFormInWhichAnswersGiveThem(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	for _, want := range []any{
		time.Date(2026, 3, 29, 3, 30, 0, 0, berlin),
		time.Date(2026, 10, 25, 2, 30, 0, 5, berlin),
		time.Date(2026, 10, 25, 2, 30, 0, 0, berlin).Add(time.Hour), // the second time that clocks say so
		dbtype.Duration{Months: 14, Days: 3, Seconds: 14706, Nanos: 700_000_000},
		dbtype.Duration{Seconds: -2, Nanos: 500_000_000},
		dbtype.Duration{Seconds: -1, Nanos: 999_999_999},
		dbtype.Duration{Months: -1, Days: 40},
		dbtype.Duration{},
		math.Inf(1), math.Inf(-1),
	} {
		answer, err := typedValue(want)
		require.NoError(t, err)
		given, ok := answer.(Scalar)
		require.True(t, ok)
		got, err := paramValue("x", map[string]any{"type": given.Type, "value": given.Value})
		require.NoError(t, err, given)
		if moment, ok := want.(time.Time); ok {
			require.True(t, moment.Equal(got.(time.Time)), given)
			require.Equal(t, "Europe/Berlin", got.(time.Time).Location().String())
			continue
		}
		require.Equal(t, want, got, given)
	}
	nan, err := paramValue("x", map[string]any{"type": "float", "value": "NaN"})
	require.NoError(t, err)
	require.True(t, math.IsNaN(nan.(float64)))
}

func TestADurationMayBeWrittenAsPeopleDo(t *testing.T) {
	for text, want := range map[string]dbtype.Duration{
		"P1D":              {Days: 1},
		"P2W":              {Days: 14},
		"P1Y2M3DT4H5M6.7S": {Months: 14, Days: 3, Seconds: 14706, Nanos: 700_000_000},
		"PT90M":            {Seconds: 5400},
		"PT-1.5S":          {Seconds: -2, Nanos: 500_000_000},
	} {
		got, err := paramValue("x", map[string]any{"type": "duration", "value": text})
		require.NoError(t, err)
		require.Equal(t, want, got, text)
	}
	for kind, texts := range map[string][]string{
		"duration": {"", "P", "PT", "P1DT", "1D", "P1.5D", "P1H", "PT1.0000000001S", "P99999999999Y", "P1D "},
		"datetime": {"2026-03-29T03:30:00+01:00[Europe/Berlin]", "2026-03-29T03:30:00+02:00[Mars]", "2026-03-29T03:30:00+02:00[Europe/Berlin", "2026-03-29T03:30:00[Europe/Berlin]", "2026-03-29T03:30:00Z[Local]"},
		"float":    {"nan", "1.5", ""},
	} {
		for _, text := range texts {
			_, err := paramValue("x", map[string]any{"type": kind, "value": text})
			var refused *RefusedError
			require.ErrorAs(t, err, &refused, kind+" "+text)
		}
	}
}
