package dashboard

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ditac-go/ditac/models/train"
	"github.com/ditac-go/ditac/models/train/internal/pace"
)

// Options say what Start serves, and where.
type Options struct {
	// Dir is the folder of the runs' files; it is made if it is not there.
	Dir string
	// Addr is the address to listen at, host:port. Empty means port 8023 of this machine, or
	// another one if that is taken. A host that is not this machine alone, as 0.0.0.0, needs
	// a Token.
	Addr string
	// Token is what a browser has to show, at least 16 of the letters, digits, - and _; empty:
	// nothing. URL has it.
	Token string
	// Hosts are names by which browsers may ask beside that of Addr and the machine's.
	Hosts []string
}

// defaultPort is that of an empty Addr.
const defaultPort = "8023"

// Board serves the page of the runs of a folder.
type Board struct {
	dir   string
	token string
	hosts []string
	any   bool // listens at all addresses of the machine

	mu   sync.Mutex
	runs map[string]*run

	listener net.Listener
	server   *http.Server
	stop     context.CancelFunc
	done     sync.WaitGroup
	clients  chan struct{} // a place for each stream of events

	writeTime time.Duration // that a client has to take an answer or an event
}

// Start loads the runs of a folder and serves them until Close.
func Start(o Options) (*Board, error) {
	b, err := begin(o)
	if err != nil {
		return nil, fmt.Errorf("dashboard: Start: %w", err)
	}
	return b, nil
}

func begin(o Options) (*Board, error) {
	if o.Dir == "" {
		return nil, fmt.Errorf("Options.Dir is empty, want a folder")
	}
	if err := checkToken(o.Token); err != nil {
		return nil, err
	}
	host := "127.0.0.1"
	if o.Addr != "" {
		var err error
		if host, _, err = net.SplitHostPort(o.Addr); err != nil {
			return nil, fmt.Errorf("Options.Addr %q: %w", o.Addr, err)
		}
		if !loopback(host) && o.Token == "" {
			return nil, fmt.Errorf("Options.Addr %q can be reached from elsewhere, which needs a Token", o.Addr)
		}
	}
	if err := os.MkdirAll(o.Dir, 0o777); err != nil {
		return nil, err
	}
	l, err := listen(o.Addr)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	b := &Board{
		dir: o.Dir, token: o.Token, hosts: append([]string{"localhost", host}, o.Hosts...), any: unspecified(host),
		writeTime: writeTime,
		runs:      map[string]*run{}, listener: l, stop: stop, clients: make(chan struct{}, maxStreams),
	}
	if err := b.look(); err != nil {
		stop()
		return nil, errors.Join(err, l.Close())
	}
	if name, err := os.Hostname(); err == nil && b.any {
		b.hosts = append(b.hosts, name)
	}
	b.server = newServer(b, ctx)
	b.done.Go(func() { _ = b.server.Serve(l) }) // ends by Close
	b.done.Go(func() { b.follow(ctx) })
	return b, nil
}

// listen listens at an address, or the default one.
func listen(addr string) (net.Listener, error) {
	if addr != "" {
		return net.Listen("tcp", addr)
	}
	l, err := net.Listen("tcp", "127.0.0.1:"+defaultPort)
	if err != nil {
		l, err = net.Listen("tcp", "127.0.0.1:0")
	}
	return l, err
}

func checkToken(token string) error {
	const least = 16
	bad := strings.Trim(token, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")
	if token != "" && (len(token) < least || bad != "") {
		return fmt.Errorf("Options.Token has %d characters, want at least %d, of letters, digits, - and _", len(token), least)
	}
	return nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func unspecified(host string) bool {
	ip := net.ParseIP(host)
	return host == "" || ip != nil && ip.IsUnspecified()
}

// URL returns the address of the page, with the token.
func (b *Board) URL() string {
	u := url.URL{Scheme: "http", Host: b.listener.Addr().String(), Path: "/"}
	if b.any {
		_, port, _ := net.SplitHostPort(u.Host)
		u.Host = net.JoinHostPort("localhost", port)
	}
	if b.token != "" {
		u.RawQuery = url.Values{"token": {b.token}}.Encode()
	}
	return u.String()
}

// Close ends serving; the runs that are not at their end go on to their files. Closing again
// does nothing.
func (b *Board) Close() error {
	b.stop()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	err := b.server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = b.server.Close()
	}
	b.done.Wait()
	return err
}

// Run returns the observer of a training. The name is of letters, digits, dots, - and _; empty:
// one of the time. A training that is resumed goes on with the run of that name; another one
// gets a number after its name if there is such a run. One observer is for one training at a
// time.
func (b *Board) Run(name string) train.Observer {
	return &observer{board: b, want: name, pace: pace.Pace{Free: inspectFree, Gap: inspectGap}}
}

// claim returns the run of a training that starts, and its file.
func (b *Board) claim(want string, resumed bool) (*run, string, error) {
	if want == "" {
		want = time.Now().Format("2006-01-02-150405")
	}
	if !runName.MatchString(want) {
		return nil, "", fmt.Errorf("the name is %q, want 1 to 100 letters, digits, dots, - and _, of which the first is a letter or digit", want)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	name, old := want, b.runs[want]
	if resumed && old != nil && old.take() {
		return old, b.path(name), nil
	}
	for k := 2; b.taken(name); k++ {
		name = fmt.Sprintf("%s-%d", want, k)
	}
	r := newRun(name)
	r.live = true
	b.runs[name] = r
	return r, b.path(name), nil
}

// taken says whether there is such a run, here or in a file of another process.
func (b *Board) taken(name string) bool {
	_, err := os.Stat(b.path(name))
	return b.runs[name] != nil || err == nil
}

// take makes the run live, if it is not.
func (r *run) take() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.live {
		return false
	}
	r.live = true
	return true
}

// release says that no training adds to the run; the caller may not have its lock.
func (b *Board) release(r *run) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.live = false
	r.version++
}

// path returns that of a run's file.
func (b *Board) path(name string) string { return filepath.Join(b.dir, name+extension) }

// run returns the run of a name; nil: none.
func (b *Board) run(name string) *run {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.runs[name]
}

// summaries returns all runs, the latest first.
func (b *Board) summaries() []summary {
	b.mu.Lock()
	runs := make([]*run, 0, len(b.runs))
	for _, r := range b.runs {
		runs = append(runs, r)
	}
	b.mu.Unlock()
	out := make([]summary, len(runs))
	for i, r := range runs {
		out[i] = r.summary()
	}
	slices.SortFunc(out, func(x, y summary) int {
		if c := y.Started.Compare(x.Started); c != 0 {
			return c
		}
		return strings.Compare(x.Name, y.Name)
	})
	return out
}
