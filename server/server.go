package server

import (
	"net/http"
	"sync/atomic"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"
)

// apiBase is the path under which all data is.
const apiBase = "/api/v1"

// Server answers HTTP requests. It is safe for use from several goroutines.
type Server struct {
	o       Options
	router  *gin.Engine
	api     huma.API
	docs    *document
	openAPI []byte // docs as JSON
	metrics *metrics
	places  *places
	origins *http.CrossOriginProtection

	hosts    []string // names beside the loopback ones
	anyHost  bool     // the server is meant for other machines and names no hosts
	draining atomic.Bool
}

// New is a Server with those options. It is an error when the address is one
// that other machines can reach and Insecure is not set, a *RefusedAddressError.
func New(o Options) (*Server, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if err := checkAddress(o.Address, o.Insecure); err != nil {
		return nil, err
	}
	// gin prints what it registers to standard output unless told not to.
	gin.SetMode(gin.ReleaseMode)
	s := &Server{
		o: o, router: gin.New(), docs: newDocument(o.Version), places: newPlaces(o.Limits.Heavy, o.Limits.Wait),
		origins: http.NewCrossOriginProtection(),
	}
	for _, h := range o.Hosts {
		s.hosts = append(s.hosts, hostOf(h))
	}
	s.anyHost = !isLoopbackAddress(o.Address) && len(s.hosts) == 0
	s.metrics = newMetrics(o.Version)

	s.router.HandleMethodNotAllowed = true
	s.router.RedirectTrailingSlash = false
	// An id may hold an encoded slash. gin would read a plus as a blank.
	s.router.UseRawPath, s.router.UnescapePathValues = true, false
	s.router.Use(s.observe, secure, s.checkHost, s.checkOrigin)
	s.router.NoRoute(s.nowhere)
	s.router.NoMethod(s.noMethod)
	s.api = humagin.New(s.router, s.docs.config())

	s.addAnalyses()
	s.addScenarios()
	s.addCompare()
	s.addGraph()
	s.addTrends()
	s.addCypher()
	s.addSavedQueries()
	s.addRecords()
	s.addImports()
	s.addExports()
	s.addSchedules()
	s.addRuns()
	s.addHealth()
	s.addMetrics()
	if err := s.addKit(); err != nil {
		return nil, err
	}
	if err := s.addDocs(); err != nil { // after all that it documents
		return nil, err
	}
	if err := s.addPage(); err != nil {
		return nil, err
	}
	return s, nil
}

func isLoopbackAddress(address string) bool { return checkAddress(address, false) == nil }

// Handler answers requests without listening. A HEAD request is answered like
// GET; net/http leaves the body away.
func (s *Server) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			get := *r
			get.Method = http.MethodGet
			r = &get
		}
		s.router.ServeHTTP(w, r)
	})
}
