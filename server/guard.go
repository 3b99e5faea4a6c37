package server

import (
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"
)

// pagePolicy lets a page load and ask nothing but this server. Scripts come
// from files only; the drawing library sets styles on elements.
const pagePolicy = "default-src 'none'; script-src 'self'; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; " +
	"connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// answerPolicy is for answers that are not pages: a browser that shows one runs
// nothing in it.
const answerPolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// secure sets the headers that every answer has. Pages set their own policy.
func secure(gc *gin.Context) {
	h := gc.Writer.Header()
	h.Set("Content-Security-Policy", answerPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}

// checkHost refuses requests that ask for a name which is not this server's. A
// page of another site can point a name of its own at a loopback address and
// would then read what only this machine may read.
func (s *Server) checkHost(gc *gin.Context) {
	if s.anyHost {
		return
	}
	host := hostOf(gc.Request.Host)
	if host == "localhost" || isLoopback(host) || slices.Contains(s.hosts, host) {
		return
	}
	s.refuse(gc, &fault{
		kind: wrongHost,
		detail: fmt.Sprintf("the request asks for the host %q; this server answers under localhost, 127.0.0.1, [::1]%s",
			gc.Request.Host, orMore(s.hosts)),
	})
}

func orMore(hosts []string) string {
	if len(hosts) == 0 {
		return " and the names in its configuration"
	}
	return " and " + strings.Join(hosts, ", ")
}

// checkOrigin refuses writes that a page of another site sends through the
// browser of somebody who may write.
func (s *Server) checkOrigin(gc *gin.Context) {
	if err := s.origins.Check(gc.Request); err != nil {
		s.refuse(gc, &fault{kind: crossOrigin, detail: "the request comes from a page of another site; only pages of this server may write", cause: err})
	}
}

// refuse answers a fault and ends the chain.
func (s *Server) refuse(gc *gin.Context, f *fault) {
	s.fail(gc, f)
	gc.Abort()
}

// hostOf is the host of a Host header or an address in lower case, without the
// port, the brackets of IPv6 and a final dot.
func hostOf(header string) string {
	host := header
	if h, _, err := net.SplitHostPort(header); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	return strings.TrimSuffix(strings.ToLower(host), ".")
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
