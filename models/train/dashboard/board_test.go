package dashboard

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ditac-go/ditac/models"
	"github.com/ditac-go/ditac/models/data"
	"github.com/ditac-go/ditac/models/train"
	"github.com/stretchr/testify/require"
	"gorgonia.org/gorgonia"
)

// started returns a board of a folder.
func started(t *testing.T, o Options) *Board {
	if o.Addr == "" {
		o.Addr = "127.0.0.1:0"
	}
	b, err := Start(o)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.Close()) })
	return b
}

func fit(t *testing.T, steps int, o ...train.Observer) *train.Result {
	return fitOf(t, steps, "", o...)
}

// fitOf goes on from a checkpoint, if it is there.
func fitOf(t *testing.T, steps int, checkpoint string, o ...train.Observer) *train.Result {
	s := &data.Set{XShape: []int{1}, YShape: []int{1}}
	for i := range 64 {
		x := float64(i)/32 - 1
		s.X, s.Y = append(s.X, float32(x)), append(s.Y, float32(math.Sin(4*x)))
	}
	r, err := train.Fit(context.Background(), train.Config{
		Network: func(g *gorgonia.ExprGraph, _ models.Mode) (models.Network, error) {
			return models.NewMLP(g, models.MLPConfig{Sizes: []int{1, 8, 1}, Activation: models.DiTAC(), Seed: 1})
		},
		Loss: models.MSE, Train: s, Valid: s, Batch: 16, Steps: steps, EvalEvery: 10, Observers: o,
		Metrics: []train.Metric{train.R2()}, Checkpoint: checkpoint, Resume: checkpoint != "",
	})
	require.NoError(t, err)
	return r
}

// get asks a board with the given headers, Host among them.
func get(t *testing.T, b *Board, method, path string, headers map[string]string) (int, string) {
	r, err := http.NewRequest(method, "http://"+b.listener.Addr().String()+path, nil)
	require.NoError(t, err)
	for k, v := range headers {
		r.Header.Set(k, v)
	}
	r.Host = headers["Host"]
	client := &http.Client{Timeout: 5 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer client.CloseIdleConnections()
	answer, err := client.Do(r)
	require.NoError(t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer.StatusCode, string(body)
}

// TestRun: a board, and another one later, have what the training gave.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	b := started(t, Options{Dir: dir})
	r := fit(t, 50, b.Run("first"))
	check := func(b *Board) {
		var c curves
		_, text := get(t, b, "GET", "/api/run?name=first", nil)
		require.NoError(t, json.Unmarshal([]byte(text), &c))
		require.Len(t, c.Losses, 50)
		for i, l := range r.Losses { // unrounded
			require.Equal(t, number(l), c.Losses[i][1])
		}
		require.Len(t, c.Evals, 5)
		require.Equal(t, number(r.Best.Metrics[0]), c.Evals[4].Metrics[0])
		var l layers
		_, text = get(t, b, "GET", "/api/layers?name=first", nil)
		require.NoError(t, json.Unmarshal([]byte(text), &l))
		require.Equal(t, []int{0, 50}, []int{l.Start.Step, l.Now.Step})
		x := l.Now.Layers[0]
		require.Equal(t, "mlp.0.activation", x.Name)
		require.Positive(t, float64(x.Theta))
		require.Positive(t, float64(x.Gradient))
		require.NotEqual(t, x.Curves, l.Start.Layers[0].Curves)
		require.Equal(t, "finished", b.summaries()[0].State)
	}
	check(b)
	check(started(t, Options{Dir: dir}))
	fit(t, 10, b.Run("first")) // goes elsewhere
	require.NotNil(t, b.run("first-2"))

	f, err := os.OpenFile(filepath.Join(dir, "first"+extension), os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = f.WriteString(`{"loss":[{"st`) // as a kill leaves it
	require.NoError(t, err)
	require.NoError(t, f.Close())
	check(started(t, Options{Dir: dir}))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "bad"+extension), []byte("}\n"), 0o666))
	later := started(t, Options{Dir: dir})
	require.Equal(t, "unreadable", later.run("bad").state())
	// A training that goes on with it is told, and what the file has stays.
	err = later.Run("bad").Observe(train.Event{Kind: train.Started, Resumed: true, Step: 1})
	require.ErrorContains(t, err, "bad"+extension+", line 1")
	text, err := os.ReadFile(filepath.Join(dir, "bad"+extension))
	require.NoError(t, err)
	require.Equal(t, "}\n", string(text))
}

// TestResumed: a training that goes on from step 20, after a kill at step 50, has each step and
// each evaluation once, in memory and in the file.
func TestResumed(t *testing.T) {
	dir := t.TempDir()
	b := started(t, Options{Dir: dir})
	checkpoint, early := filepath.Join(dir, "c"), filepath.Join(dir, "early")
	keep := train.ObserverFunc(func(e train.Event) error {
		if e.Kind != train.Saved || e.Step != 20 {
			return nil
		}
		text, err := os.ReadFile(checkpoint)
		if err != nil {
			return err
		}
		return os.WriteFile(early, text, 0o666)
	})
	r := fitOf(t, 50, checkpoint, b.Run("a"), keep)
	require.FileExists(t, early)
	fitOf(t, 50, early, b.Run("a"))
	require.Nil(t, b.run("a-2"))
	for _, b := range []*Board{b, started(t, Options{Dir: dir})} {
		c := b.run("a").curves(-1, 0, 0)
		require.Len(t, c.Losses, 50)
		for i, p := range c.Losses {
			require.Equal(t, []number{number(i + 1), number(r.Losses[i])}, p[:2])
		}
		require.Len(t, c.Evals, len(r.History))
		for i, e := range c.Evals {
			require.Equal(t, r.History[i].Step, e.Step)
			require.Equal(t, number(r.History[i].ValidLoss), e.ValidLoss)
		}
		l := b.run("a").layers(-1)
		require.Equal(t, 50, l.Now.Step)
		require.IsIncreasing(t, l.Steps)
		require.Equal(t, "finished", b.run("a").state())
	}
}

// TestRequests: what is not to be answered is refused.
func TestRequests(t *testing.T) {
	b := started(t, Options{Dir: t.TempDir()})
	fit(t, 10, b.Run("a"))
	for _, c := range []struct {
		method, path string
		headers      map[string]string
		want         int
	}{
		{"GET", "/", nil, 200}, {"HEAD", "/", nil, 200}, {"GET", "/app.js", nil, 200}, {"GET", "/api/runs", nil, 200},
		{"HEAD", "/api/events", nil, 200},
		{"POST", "/", nil, 405}, {"DELETE", "/api/run?name=a", nil, 405}, {"GET", "/../etc/passwd", nil, 307},
		{"GET", "/page/app.js", nil, 404}, {"GET", "/api/run", nil, 404}, {"GET", "/api/run?name=b", nil, 404},
		{"GET", "/api/run?name=a&from=x", nil, 400}, {"GET", "/api/run?name=a&from=-1", nil, 400},
		{"GET", "/api/run?name=a&from=99999999", nil, 200}, {"GET", "/api/layers?name=a&step=1e3", nil, 400},
		{"GET", "/api/layers?name=a&step=9", nil, 200},
		{"GET", "/", map[string]string{"Host": "evil.example"}, 403}, {"GET", "/", map[string]string{"Host": "localhost:1"}, 200},
		{"GET", "/api/runs", map[string]string{"Origin": "http://evil.example"}, 403}, {"GET", "/api/runs", map[string]string{"Origin": "null"}, 403},
		{"GET", "/api/runs", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		{"GET", "/api/runs", map[string]string{"Origin": "http://" + b.listener.Addr().String()}, 200},
	} {
		got, text := get(t, b, c.method, c.path, c.headers)
		require.Equal(t, c.want, got, "%s %s %v: %s", c.method, c.path, c.headers, text)
	}
}

// TestToken: without the token there is nothing, with it a cookie.
func TestToken(t *testing.T) {
	const token = "0123456789abcdef"
	b := started(t, Options{Dir: t.TempDir(), Addr: "0.0.0.0:0", Token: token})
	require.Contains(t, b.URL(), "?token="+token)
	for _, c := range []struct {
		path    string
		headers map[string]string
		want    int
	}{
		{"/", nil, 401}, {"/api/runs", nil, 401}, {"/?token=x", nil, 401}, {"/?token=" + token, nil, 303},
		{"/api/runs?token=" + token, nil, 401},
		{"/", map[string]string{"Cookie": cookie + "=" + token}, 200}, {"/", map[string]string{"Cookie": cookie + "=no"}, 401},
		{"/", map[string]string{"Authorization": "Bearer " + token}, 200},
		{"/", map[string]string{"Authorization": "Bearer " + token, "Host": "10.1.2.3"}, 200},
		{"/", map[string]string{"Authorization": "Bearer " + token, "Host": "evil.example"}, 403},
	} {
		got, _ := get(t, b, "GET", c.path, c.headers)
		require.Equal(t, c.want, got, "%s %v", c.path, c.headers)
	}
}

// TestStartErrors: what is wrong with options is said.
func TestStartErrors(t *testing.T) {
	dir := t.TempDir()
	for want, o := range map[string]Options{
		"Options.Dir is empty":                    {},
		`"0.0.0.0:0" can be reached`:              {Dir: dir, Addr: "0.0.0.0:0"},
		`":0" can be reached`:                     {Dir: dir, Addr: ":0"},
		`Options.Addr "x"`:                        {Dir: dir, Addr: "x"},
		"Options.Token has 5 characters":          {Dir: dir, Token: "short"},
		"Options.Token has 17 characters, want a": {Dir: dir, Token: "0123456789abcdef;"},
	} {
		_, err := Start(o)
		require.ErrorContains(t, err, want)
	}
	b := started(t, Options{Dir: dir})
	err := b.Run("../x").Observe(train.Event{Kind: train.Started})
	require.ErrorContains(t, err, `the name is "../x"`)
	require.NoError(t, b.Run("x").Observe(train.Event{Kind: train.Stepped})) // no training
}

// TestClients: twenty clients see the run, one of which never reads, and a training goes on;
// when they are gone, so are their goroutines.
func TestClients(t *testing.T) {
	b := started(t, Options{Dir: t.TempDir()})
	before := runtime.NumGoroutine()
	var conns []net.Conn
	for i := range 20 {
		c, err := net.Dial("tcp", b.listener.Addr().String())
		require.NoError(t, err)
		conns = append(conns, c)
		_, err = io.WriteString(c, "GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
		require.NoError(t, err)
		if i == 0 {
			continue // the slow one
		}
		require.NoError(t, c.SetReadDeadline(time.Now().Add(10*time.Second)))
		line := ""
		for r := bufio.NewReader(c); !strings.HasPrefix(line, "event: runs"); {
			line, err = r.ReadString('\n')
			require.NoError(t, err)
		}
	}
	require.Equal(t, 50, fit(t, 50, b.Run("a")).Steps)
	for _, c := range conns {
		require.NoError(t, c.Close())
	}
	// A goroutine notes that its client is gone at once or with the next event.
	require.Eventually(t, func() bool { return len(b.clients) == 0 && runtime.NumGoroutine() <= before+1 }, 20*time.Second, 50*time.Millisecond)
}

// TestSlowClient: a client that reads nothing is dropped when its network has taken nothing for
// the time that it has, and a training beside it goes on.
func TestSlowClient(t *testing.T) {
	b := started(t, Options{Dir: t.TempDir()})
	b.writeTime = 300 * time.Millisecond
	before := runtime.NumGoroutine()
	for i := range 500 { // summaries that fill the network's buffers
		r := newRun(fmt.Sprintf("%s-%d", strings.Repeat("x", 90), i))
		r.start.Metrics = []string{strings.Repeat("m", 2000)}
		b.runs[r.name] = r
	}
	c, err := net.Dial("tcp", b.listener.Addr().String())
	require.NoError(t, err)
	defer c.Close()
	_, err = io.WriteString(c, "GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
	require.NoError(t, err)
	require.Eventually(t, func() bool { return len(b.clients) == 1 }, 5*time.Second, time.Millisecond)
	began := time.Now()
	o := b.Run("a")
	require.NoError(t, o.Observe(train.Event{Kind: train.Started, Steps: 1 << 30}))
	for i := 1; len(b.clients) == 1; i++ { // each step is another event for the client
		require.NoError(t, o.Observe(train.Event{Kind: train.Stepped, Step: i, Elapsed: time.Since(began)}))
		require.Less(t, time.Since(began), 30*time.Second, "the slow client was not dropped")
		time.Sleep(time.Millisecond)
	}
	require.NoError(t, o.Observe(train.Event{Kind: train.Ended}))
	require.Eventually(t, func() bool { return runtime.NumGoroutine() <= before+1 }, 5*time.Second, 10*time.Millisecond)
}

// TestTenHours: a training of ten hours and a million steps, with six layers, stays small in
// memory and on disk.
func TestTenHours(t *testing.T) {
	dir := t.TempDir()
	b := started(t, Options{Dir: dir})
	o := b.Run("long")
	layers := make([]train.Layer, 6)
	for i := range layers {
		curve := make([]float64, 161)
		for k := range curve {
			curve[k] = math.Sin(float64(k))
		}
		layers[i] = train.Layer{Name: "layer", X: curve, Curves: [][]float64{curve}, Inputs: make([]float32, 1000)}
		layers[i].X = append([]float64(nil), curve...)
		layers[i].X[0], layers[i].X[160] = -5, 5
	}
	const steps = 1000000
	e := train.Event{Steps: steps, Batch: 32, Inspect: func() ([]train.Layer, error) { return layers, nil }}
	var memory runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&memory)
	was := memory.HeapAlloc
	require.NoError(t, o.Observe(e))
	for i := 1; i <= steps; i++ {
		e.Kind, e.Step, e.Loss, e.Elapsed = train.Stepped, i, 1/float64(i), time.Duration(i)*36*time.Millisecond
		require.NoError(t, o.Observe(e))
		if i%100 == 0 {
			e.Kind, e.Record = train.Evaluated, &train.Record{Step: i, ValidLoss: 1, Seconds: e.Elapsed.Seconds()}
			require.NoError(t, o.Observe(e))
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&memory)
	e.Kind = train.Ended
	require.NoError(t, o.Observe(e))
	info, err := os.Stat(b.path("long"))
	require.NoError(t, err)
	used := float64(memory.HeapAlloc - min(was, memory.HeapAlloc))
	t.Logf("memory %.1f MB, file %.1f MB", used/1e6, float64(info.Size())/1e6)
	// A million points of losses that are not joined are 32 MB in memory.
	require.Less(t, used, 4e6)
	require.Less(t, float64(info.Size()), 8e6)
	again := newRun("long")
	require.NoError(t, again.load(b.path("long")))
	require.Equal(t, "finished", again.state())
	n := 0
	for _, p := range again.losses.points {
		n += p.Count
	}
	require.Equal(t, steps, n+again.losses.open.Count)
}

// TestInspections: of a training of ten seconds whose activations cost nothing to look at, the
// board does so at the start, once a second and at the end.
func TestInspections(t *testing.T) {
	b := started(t, Options{Dir: t.TempDir()})
	o := b.Run("a")
	looks := 0
	e := train.Event{Steps: 1000, Inspect: func() ([]train.Layer, error) { looks++; return nil, nil }}
	require.NoError(t, o.Observe(e))
	require.Equal(t, 1, looks)
	for e.Step = 1; e.Step <= 1000; e.Step++ {
		e.Kind, e.Elapsed = train.Stepped, time.Duration(e.Step)*10*time.Millisecond
		require.NoError(t, o.Observe(e))
	}
	require.Equal(t, 11, looks)
	e.Kind = train.Ended
	require.NoError(t, o.Observe(e))
	require.Equal(t, 12, looks)
}

// BenchmarkStep is what a training pays for each step that a board is told of, with the lines
// that go to the file every 500 steps, as those of 1 ms would.
func BenchmarkStep(b *testing.B) {
	board, err := Start(Options{Dir: b.TempDir(), Addr: "127.0.0.1:0"})
	require.NoError(b, err)
	defer board.Close()
	o := board.Run("steps")
	e := train.Event{Steps: b.N, Batch: 32}
	require.NoError(b, o.Observe(e))
	e.Kind = train.Stepped
	for b.Loop() {
		e.Step++
		e.Loss, e.Elapsed = 1/float64(e.Step), e.Elapsed+time.Millisecond
		if err := o.Observe(e); err != nil {
			b.Fatal(err)
		}
	}
	e.Kind = train.Ended
	require.NoError(b, o.Observe(e))
}

// BenchmarkSlowing is what a board that a browser reads costs a training. In one training the
// board is told of every other thousand steps; each iteration is 40,000 steps, some twenty
// seconds, of which it takes the time with the board over that without. Reported are the
// median of the iterations, the least and the most.
//
//	go test ./models/train/dashboard -run - -bench Slowing -benchtime 7x
func BenchmarkSlowing(b *testing.B) {
	board, err := Start(Options{Dir: b.TempDir(), Addr: "127.0.0.1:0"})
	require.NoError(b, err)
	defer board.Close()
	c, err := net.Dial("tcp", board.listener.Addr().String())
	require.NoError(b, err)
	defer c.Close()
	_, err = io.WriteString(c, "GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
	require.NoError(b, err)
	go func() { _, _ = io.Copy(io.Discard, c) }()

	const block, blocks = 1000, 40
	observer := board.Run("a")
	var times [2]time.Duration   // without, with
	var last, seen time.Duration // seen: by the board, whose share of time is of its blocks
	var ratios []float64
	alternate := train.ObserverFunc(func(e train.Event) error {
		k := (e.Step - 1) / block // of the step
		switch {
		case e.Kind == train.Started || e.Kind == train.Ended:
			return observer.Observe(e)
		case e.Kind == train.Stepped && (e.Step-1)%block == 0: // the block before is done
			if k > 0 {
				times[(k-1)%2] += e.Elapsed - last
			}
			if k > 0 && k%2 == 0 {
				seen += e.Elapsed - last
			}
			last = e.Elapsed
			if k > 0 && k%blocks == 0 {
				ratios = append(ratios, times[1].Seconds()/times[0].Seconds())
				times = [2]time.Duration{}
			}
		}
		if k%2 == 1 {
			e.Elapsed += seen - last
			return observer.Observe(e)
		}
		return nil
	})
	slowingFit(b, b.N*block*blocks+1, alternate)
	require.Len(b, ratios, b.N)
	slices.Sort(ratios)
	b.ReportMetric(ratios[len(ratios)/2], "with/without")
	b.ReportMetric(ratios[0], "least")
	b.ReportMetric(ratios[len(ratios)-1], "most")
}

// slowingFit trains a network of two activations on 2,048 points.
func slowingFit(b *testing.B, steps int, o train.Observer) {
	s := &data.Set{XShape: []int{2}, YShape: []int{1}}
	for i := range 2048 {
		x, y := float64(i%64)/32-1, float64(i/64)/16-1
		s.X, s.Y = append(s.X, float32(x), float32(y)), append(s.Y, float32(math.Sin(9*x)*math.Cos(7*y)))
	}
	_, err := train.Fit(context.Background(), train.Config{
		Network: func(g *gorgonia.ExprGraph, _ models.Mode) (models.Network, error) {
			return models.NewMLP(g, models.MLPConfig{Sizes: []int{2, 64, 64, 1}, Activation: models.DiTAC(), Seed: 1})
		},
		Loss: models.MSE, Train: s, Batch: 64, Steps: steps, EvalEvery: steps, Observers: []train.Observer{o}, LearnRate: 0.003,
	})
	require.NoError(b, err)
}
