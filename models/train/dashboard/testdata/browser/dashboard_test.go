package browser

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"image"
	"image/png"
	"math"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/ditac-go/ditac/models"
	"github.com/ditac-go/ditac/models/data"
	"github.com/ditac-go/ditac/models/explain"
	"github.com/ditac-go/ditac/models/train"
	"github.com/ditac-go/ditac/models/train/dashboard"
	"gorgonia.org/gorgonia"
)

// shots is where pictures of the page go.
var shots = flag.String("shots", "", "folder for pictures of the page; empty: none")

// chromium is the browser's command; without one there is no test.
func chromium(t *testing.T) string {
	for _, name := range []string{os.Getenv("CHROMIUM"), "chromium", "chromium-browser", "google-chrome", "headless-shell"} {
		if path, err := exec.LookPath(name); name != "" && err == nil {
			return path
		}
	}
	t.Skip("no Chromium here: install it, or name it in CHROMIUM")
	return ""
}

// browser returns the context of a page of the browser. What goes wrong on the page fails the
// test.
func browser(t *testing.T) context.Context {
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium(t)), chromedp.NoSandbox, chromedp.WSURLReadTimeout(2*time.Minute))
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 5*time.Minute)
	t.Cleanup(cancel)
	chromedp.ListenTarget(ctx, func(e any) {
		switch e := e.(type) {
		case *runtime.EventExceptionThrown:
			t.Errorf("on the page: %v", e.ExceptionDetails)
		case *runtime.EventConsoleAPICalled:
			if e.Type == runtime.APITypeError {
				t.Errorf("on the page's console: %s", e.Args[0].Value)
			}
		}
	})
	return ctx
}

// do runs actions in the browser.
func do(t *testing.T, ctx context.Context, actions ...chromedp.Action) {
	t.Helper()
	if err := chromedp.Run(ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

// value returns the value of an expression on the page.
func value[T any](t *testing.T, ctx context.Context, expression string) T {
	t.Helper()
	var x T
	do(t, ctx, chromedp.Evaluate(expression, &x))
	return x
}

// until waits until an expression is true on the page.
func until(t *testing.T, ctx context.Context, expression string) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if value[bool](t, ctx, expression) {
			return
		}
	}
	t.Fatalf("never true on the page: %s", expression)
}

// waves returns n points of a curve.
func waves(n int) *data.Set {
	s := &data.Set{XShape: []int{1}, YShape: []int{1}, Name: "waves"}
	for i := range n {
		x := 2*float64(i)/float64(n-1) - 1
		s.X, s.Y = append(s.X, float32(x)), append(s.Y, float32(math.Sin(5*x)))
	}
	return s
}

// fit trains until ctx is done, with pauses, so that there is something to see.
func fit(ctx context.Context, activation string, log string, observer train.Observer) (*train.Result, error) {
	pause := train.ObserverFunc(func(e train.Event) error {
		if e.Kind == train.Stepped {
			time.Sleep(2 * time.Millisecond)
		}
		return nil
	})
	return train.Fit(ctx, train.Config{
		Network: build(activation),
		Loss:    models.MSE, Train: waves(128), Valid: waves(61), Batch: 32, Steps: 100000, EvalEvery: 50, LearnRate: 0.005,
		Metrics:   []train.Metric{train.R2(), train.RMSE()},
		Observers: []train.Observer{observer, train.JSONLog(log), pause},
	})
}

func build(activation string) train.Builder {
	return func(g *gorgonia.ExprGraph, _ models.Mode) (models.Network, error) {
		maker, err := models.ByName(activation)
		if err != nil {
			return nil, err
		}
		return models.NewMLP(g, models.MLPConfig{Sizes: []int{1, 24, 24, 1}, Activation: maker, Seed: 1})
	}
}

// explained is what contributed to a network, with a picture.
func explained(t *testing.T, r *train.Result) dashboard.Explanation {
	a, err := explain.Ablate(build("ditac"), r.Network, waves(61), models.MSE, 0)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 30))); err != nil {
		t.Fatal(err)
	}
	return dashboard.Explanation{Ablation: a, Pictures: []dashboard.Picture{{Title: "a <b>black</b> picture", PNG: b.Bytes()}}}
}

// compareExplained compares the page's table of activations with an explanation, and looks
// whether the picture is there.
func compareExplained(t *testing.T, ctx context.Context, e dashboard.Explanation) {
	t.Helper()
	until(t, ctx, `document.querySelectorAll("#ablated tbody tr").length === 2 && document.querySelector("#pictures img").naturalWidth === 40`)
	rows := value[[][]string](t, ctx, `[...document.querySelectorAll("#ablated tbody tr")].map(r => [...r.cells].map(c => c.textContent))`)
	for i, a := range e.Ablation.Activations {
		reset, err := strconv.ParseFloat(rows[i][3], 64)
		if rows[i][0] != a.Name || rows[i][1] != strconv.Itoa(a.Params) || err != nil || math.Abs(reset-a.Reset) > 1e-3*a.Reset {
			t.Errorf("the page says %v of an activation, want %+v (%v)", rows[i], a, err)
		}
	}
	if text := value[string](t, ctx, `document.querySelector("#pictures figcaption").textContent`); text != e.Pictures[0].Title {
		t.Errorf("the picture's title is %q", text)
	}
}

// record is a line of a training's log.
type record struct {
	Step      int
	TrainLoss float64            `json:"train_loss"`
	ValidLoss float64            `json:"valid_loss"`
	Metrics   map[string]float64 `json:"metrics"`
}

func readLog(t *testing.T, path string) map[int]record {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records := map[int]record{}
	for s := bufio.NewScanner(f); s.Scan(); {
		var r record
		if err := json.Unmarshal(s.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		records[r.Step] = r
	}
	return records
}

// compare compares the page's table of evaluations with the log of the training.
func compare(t *testing.T, ctx context.Context, log string) {
	t.Helper()
	rows := value[[][]string](t, ctx, `[...document.querySelectorAll("#evals tbody tr")].map(r => [...r.cells].map(c => c.dataset.value))`)
	if len(rows) < 3 {
		t.Fatalf("%d evaluations on the page, want at least 3", len(rows))
	}
	records := readLog(t, log)
	for _, row := range rows {
		var x []float64
		for _, c := range row {
			v, err := strconv.ParseFloat(c, 64)
			if err != nil {
				t.Fatal(err)
			}
			x = append(x, v)
		}
		r, ok := records[int(x[0])]
		// The numbers come unrounded over JSON, so they are the same.
		if !ok || x[2] != r.TrainLoss || x[3] != r.ValidLoss || x[4] != r.Metrics["r2"] || x[5] != r.Metrics["rmse"] {
			t.Errorf("the page says %v, the log %+v (there: %v)", row, r, ok)
		}
	}
}

// picture takes a picture of the page, if pictures are wanted.
func picture(t *testing.T, ctx context.Context, name string, width, height int64, full bool) {
	t.Helper()
	phone := width < 600
	var png []byte
	take := chromedp.ActionFunc(func(ctx context.Context) (err error) {
		png, err = page.CaptureScreenshot().WithCaptureBeyondViewport(full).Do(ctx)
		return err
	})
	do(t, ctx, emulation.SetDeviceMetricsOverride(width, height, 1, phone), chromedp.Sleep(400*time.Millisecond))
	if wide := value[int](t, ctx, `document.documentElement.scrollWidth`); int64(wide) > width {
		t.Errorf("%s: the page is %d wide, the window %d", name, wide, width)
	}
	if *shots == "" {
		return
	}
	do(t, ctx, take)
	if err := os.WriteFile(filepath.Join(*shots, "dashboard-"+name+".png"), png, 0o666); err != nil {
		t.Fatal(err)
	}
}

func scheme(dark string) chromedp.Action {
	return emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: dark}})
}

// TestDashboard: a training is seen while it runs, and afterwards by another board.
func TestDashboard(t *testing.T) {
	ctx := browser(t)
	dir := t.TempDir()
	board, err := dashboard.Start(dashboard.Options{Dir: dir, Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	defer board.Close()

	log := filepath.Join(dir, "log.json")
	before, cancel := context.WithTimeout(context.Background(), 4*time.Second)
	defer cancel()
	if _, err := fit(before, "relu", filepath.Join(dir, "relu.json"), board.Run("relu")); err != nil {
		t.Fatal(err)
	}
	training, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	observer := board.Run("ditac")
	var result *train.Result
	go func() {
		var err error
		result, err = fit(training, "ditac", log, observer)
		done <- err
	}()

	do(t, ctx, chromedp.EmulateViewport(1280, 900), scheme("light"), chromedp.Navigate(board.URL()))
	until(t, ctx, `document.querySelector("#link").textContent === "connected"`)
	until(t, ctx, `document.querySelectorAll("#runs li").length === 2`)

	// The curves grow.
	until(t, ctx, `known.ditac && known.ditac.losses.length > 5 && known.ditac.evals.length > 1`)
	was := value[int](t, ctx, `known.ditac.losses.length`)
	path := value[string](t, ctx, `document.querySelector('#loss path[data-line="ditac, training"]').getAttribute("d")`)
	until(t, ctx, `known.ditac.losses.length > `+strconv.Itoa(was)+` || known.ditac.generation > 0`)
	until(t, ctx, `document.querySelector('#loss path[data-line="ditac, training"]').getAttribute("d") !== `+strconv.Quote(path))
	if n := value[int](t, ctx, `document.querySelectorAll('#loss path[data-line^="relu"]').length`); n == 0 {
		t.Error("the other run is not in the chart")
	}

	// By keys alone: a chart is read, a layer opened and left.
	do(t, ctx, chromedp.Focus("#loss svg"), chromedp.KeyEvent(kb.Home))
	if read := value[string](t, ctx, `document.querySelector("#loss .read").textContent`); !strings.HasPrefix(read, "step ") {
		t.Errorf("the arrow keys read %q", read)
	}
	until(t, ctx, `document.querySelectorAll("#layers button").length === 2 && known.ditac.layers.history.length > 2`)
	do(t, ctx, chromedp.Focus("#layers button"), chromedp.KeyEvent(kb.Enter))
	until(t, ctx, `document.querySelector("#layer").open`)
	for _, want := range []string{`document.querySelectorAll("#layer-chart path").length === 2`, `known.ditac.layers.now.layers[0].theta > 0`, `known.ditac.layers.now.layers[0].gradient > 0`,
		`/%/.test(document.querySelector("#facts").textContent)`} {
		until(t, ctx, want)
	}
	picture(t, ctx, "layer-light", 1280, 900, false)
	do(t, ctx, scheme("dark"))
	picture(t, ctx, "layer-phone-dark", 390, 844, false)
	do(t, ctx, chromedp.KeyEvent(kb.Escape))
	until(t, ctx, `!document.querySelector("#layer").open`)

	picture(t, ctx, "phone-dark", 390, 844, true)
	picture(t, ctx, "dark", 1280, 900, true)
	do(t, ctx, scheme("light"))
	picture(t, ctx, "light", 1280, 900, true)
	picture(t, ctx, "phone-light", 390, 844, true)

	// Charts save pictures: what they would download is a whole SVG, and a PNG.
	do(t, ctx, chromedp.Evaluate(`download = (b, n) => b.arrayBuffer().then(a => { (window.saved ||= {})[n.split(".").pop()] = [...new Uint8Array(a).slice(0, 60)]; })`, nil),
		chromedp.Evaluate(`document.querySelectorAll("#loss button").forEach(b => b.click())`, nil))
	until(t, ctx, `window.saved && saved.svg && saved.png && true || false`)
	if head := value[string](t, ctx, `String.fromCharCode(...saved.svg.slice(0, 4), ...saved.png.slice(1, 4))`); head != "<svgPNG" {
		t.Errorf("saved pictures begin with %q", head)
	}

	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	until(t, ctx, `document.querySelector("#run-ditac .state").textContent === "interrupted"`)
	until(t, ctx, `known.ditac.version === runs.find(r => r.name === "ditac").version`)
	compare(t, ctx, log)
	contributed := explained(t, result)
	if err := board.Explain(observer, contributed); err != nil {
		t.Fatal(err)
	}
	compareExplained(t, ctx, contributed)
	picture(t, ctx, "explained-light", 1280, 900, true)
	if err := board.Close(); err != nil {
		t.Fatal(err)
	}
	until(t, ctx, `document.querySelector("#link").textContent.startsWith("not connected")`)

	// Another board, with a token, opens the finished run.
	const token = "0123456789abcdef"
	board, err = dashboard.Start(dashboard.Options{Dir: dir, Addr: "127.0.0.1:0", Token: token})
	if err != nil {
		t.Fatal(err)
	}
	defer board.Close()
	if r, err := http.Get(strings.Split(board.URL(), "?")[0]); err != nil || r.StatusCode != http.StatusUnauthorized {
		t.Errorf("without the token: %v, %v", r, err)
	}
	do(t, ctx, chromedp.Navigate(board.URL()))
	until(t, ctx, `document.querySelector("#link").textContent === "connected" && known.ditac && known.ditac.evals.length > 2 && document.querySelectorAll("#layers button").length === 2`)
	if at := value[string](t, ctx, `location.href`); strings.Contains(at, token) {
		t.Errorf("the token stays in the address %s", at)
	}
	compare(t, ctx, log)
	compareExplained(t, ctx, contributed)

	// The theme's button goes over the system's wish.
	do(t, ctx, chromedp.Click("#theme"))
	if now := value[string](t, ctx, `getComputedStyle(document.body).backgroundColor`); now != "rgb(20, 23, 27)" {
		t.Errorf("the dark theme's background is %s", now)
	}
	if err := chromedp.Cancel(ctx); err != nil && !errors.Is(err, context.Canceled) {
		t.Log(err)
	}
}
