package server

// Routes are the method and path of every route that the router serves.
func (s *Server) Routes() [][2]string {
	var routes [][2]string
	for _, r := range s.router.Routes() {
		routes = append(routes, [2]string{r.Method, r.Path})
	}
	return routes
}

// Places is how many places for heavy work are taken.
func (s *Server) Places() int { return len(s.places.free) }
