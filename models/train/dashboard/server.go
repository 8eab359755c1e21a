package dashboard

import (
	"context"
	"crypto/subtle"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

//go:embed page
var page embed.FS

const (
	// cookie keeps the token, so that it does not stay in addresses.
	cookie = "ditac-dashboard"
	// policy lets the page load its own files only.
	policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data: blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	// writeTime is what a client has to take an answer or an event, but for tests.
	writeTime = 10 * time.Second
)

// newServer returns the server, whose requests end with ctx.
func newServer(b *Board, ctx context.Context) *http.Server {
	mux := http.NewServeMux()
	for path, f := range map[string]struct{ name, kind string }{
		"/{$}":       {"index.html", "text/html; charset=utf-8"},
		"/style.css": {"style.css", "text/css; charset=utf-8"},
		"/chart.js":  {"chart.js", "text/javascript; charset=utf-8"},
		"/app.js":    {"app.js", "text/javascript; charset=utf-8"},
		"/icon.svg":  {"icon.svg", "image/svg+xml"},
	} {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			text, err := page.ReadFile("page/" + f.name)
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			w.Header().Set("Content-Type", f.kind)
			_, _ = w.Write(text) // a client that is gone is no error
		})
	}
	mux.HandleFunc("/api/runs", func(w http.ResponseWriter, _ *http.Request) { answer(w, b.summaries()) })
	mux.HandleFunc("/api/run", b.serveRun)
	mux.HandleFunc("/api/layers", b.serveLayers)
	mux.HandleFunc("/api/explain", b.serveExplain)
	mux.HandleFunc("/api/picture", b.servePicture)
	mux.HandleFunc("/api/events", b.serveEvents)
	return &http.Server{
		Handler:           b.guard(mux),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    1 << 14,
		ErrorLog:          log.New(io.Discard, "", 0), // what clients do is not the user's to read
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
}

// guard lets through what reads, and comes from where it may.
func (b *Board) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(b.writeTime))
		switch {
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			h.Set("Allow", "GET, HEAD")
			http.Error(w, "the dashboard only reads", http.StatusMethodNotAllowed)
		case !b.knows(r.Host):
			http.Error(w, "unknown Host", http.StatusForbidden)
		case !sameOrigin(r):
			http.Error(w, "another site asks", http.StatusForbidden)
		case !b.admits(w, r):
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// knows says whether a Host is one of the board's: a name that another's DNS leads here is not.
func (b *Board) knows(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.Trim(host, "[]")
	if loopback(host) || slices.Contains(b.hosts, host) {
		return host != ""
	}
	return b.any && net.ParseIP(host) != nil
}

// sameOrigin says whether a request is not one that another site's page makes.
func sameOrigin(r *http.Request) bool {
	if r.Header.Get("Sec-Fetch-Site") == "cross-site" && r.URL.Path != "/" { // a link may lead here
		return false
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && u.Host == r.Host
}

// admits says whether a request shows the token: in a cookie, a header, or its address, which
// it then answers with a cookie and the address without it.
func (b *Board) admits(w http.ResponseWriter, r *http.Request) bool {
	if b.token == "" {
		return true
	}
	if c, err := r.Cookie(cookie); err == nil && b.is(c.Value) {
		return true
	}
	if h, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok && b.is(h) {
		return true
	}
	if r.URL.Path != "/" || !b.is(r.URL.Query().Get("token")) {
		http.Error(w, "open the address with ?token=…, which the program printed", http.StatusUnauthorized)
		return false
	}
	http.SetCookie(w, &http.Cookie{Name: cookie, Value: b.token, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return false
}

func (b *Board) is(token string) bool {
	return subtle.ConstantTimeCompare([]byte(token), []byte(b.token)) == 1
}

// answer sends x as JSON.
func answer(w http.ResponseWriter, x any) {
	text, err := json.Marshal(x)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(text) // a client that is gone is no error
}

// ask returns the run and the whole numbers that a request is about, or answers what is wrong.
func (b *Board) ask(w http.ResponseWriter, r *http.Request, names ...string) (*run, map[string]int) {
	q := r.URL.Query()
	found := b.run(q.Get("name"))
	if found == nil {
		http.Error(w, fmt.Sprintf("no run %.100q", q.Get("name")), http.StatusNotFound)
		return nil, nil
	}
	n := map[string]int{}
	for _, name := range names {
		n[name] = -1
		if text := q.Get(name); text != "" {
			x, err := strconv.Atoi(text)
			if err != nil || x < 0 {
				http.Error(w, fmt.Sprintf("%s is %.100q, want a number of at least 0", name, text), http.StatusBadRequest)
				return nil, nil
			}
			n[name] = x
		}
	}
	return found, n
}

func (b *Board) serveRun(w http.ResponseWriter, r *http.Request) {
	if found, n := b.ask(w, r, "generation", "from", "evals"); found != nil {
		answer(w, found.curves(n["generation"], max(0, n["from"]), max(0, n["evals"])))
	}
}

func (b *Board) serveLayers(w http.ResponseWriter, r *http.Request) {
	if found, n := b.ask(w, r, "step"); found != nil {
		answer(w, found.layers(n["step"]))
	}
}
