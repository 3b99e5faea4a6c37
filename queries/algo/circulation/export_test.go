package circulation

// CyclesWithin is Cycles with another amount of work for short cycles.
var CyclesWithin = cyclesWithin
