package feedback

// Within is Minimum with another size of exact components and another amount of
// work for the heuristic.
var Within = within
