package tensorboard

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"
)

// Writer writes an event file. Use one in one goroutine.
type Writer struct {
	f *os.File
	b *bufio.Writer
}

// files counts the event files of this process, whose names are to differ.
var files atomic.Int64

// NewWriter makes a new event file in a folder, which it makes if it is not there. TensorBoard
// shows all files of a folder as one run.
func NewWriter(dir string) (*Writer, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("tensorboard: NewWriter: %w", err)
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	now := time.Now()
	name := fmt.Sprintf("events.out.tfevents.%010d.%s.%d.%d", now.Unix(), host, os.Getpid(), files.Add(1))
	f, err := os.OpenFile(filepath.Join(dir, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return nil, fmt.Errorf("tensorboard: NewWriter: %w", err)
	}
	w := &Writer{f, bufio.NewWriter(f)}
	version := message(nil).double(1, seconds(now)).bytes(3, []byte("brain.Event:2"))
	if err := w.write("NewWriter", version); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return w, w.Flush()
}

func seconds(t time.Time) float64 { return float64(t.UnixNano()) / 1e9 }

func (w *Writer) write(what string, event message) error {
	if w == nil || w.b == nil {
		return fmt.Errorf("tensorboard: %s: the Writer is closed, or was not made by NewWriter", what)
	}
	if _, err := w.b.Write(record(event)); err != nil {
		return fmt.Errorf("tensorboard: %s: %w", what, err)
	}
	return nil
}

// restart says that a run goes on at a step: what was written for later ones is void.
func (w *Writer) restart(step int) error {
	const statusStart = 1 // SessionLog.START
	log := message(nil).integer(1, statusStart)
	return w.write("restart", message(nil).double(1, seconds(time.Now())).integer(2, int64(step)).bytes(7, log))
}

// value writes a Summary.Value with its tag.
func (w *Writer) value(what, tag string, step int, value message) error {
	if tag == "" || step < 0 {
		return fmt.Errorf("tensorboard: %s: the tag is %q and the step %d, want a name and at least 0", what, tag, step)
	}
	summary := message(nil).bytes(1, append(message(nil).bytes(1, []byte(tag)), value...))
	return w.write(what, message(nil).double(1, seconds(time.Now())).integer(2, int64(step)).bytes(5, summary))
}

// Scalar writes a number at a step, as a float32, which is what TensorBoard's format has.
func (w *Writer) Scalar(tag string, step int, x float64) error {
	return w.value("Scalar", tag, step, message(nil).float(2, float32(x)))
}

// buckets is the number of those of a histogram.
const buckets = 64

// Histogram writes the distribution of numbers at a step, in 64 equal buckets from the least to
// the greatest. Numbers that are NaN or infinite are left out; without others nothing is
// written.
func (w *Writer) Histogram(tag string, step int, x []float32) error {
	h, ok := histogram(x)
	if !ok {
		return nil
	}
	return w.value("Histogram", tag, step, message(nil).bytes(5, h))
}

// histogram returns the HistogramProto of x; ok is false if no number is finite.
func histogram(x []float32) (h message, ok bool) {
	lo, hi := math.Inf(1), math.Inf(-1)
	n, sum, squares := 0., 0., 0.
	for _, e := range x {
		v := float64(e)
		if math.IsNaN(v) || math.IsInf(v, 0) {
			continue
		}
		lo, hi = min(lo, v), max(hi, v)
		n, sum, squares = n+1, sum+v, squares+v*v
	}
	if n == 0 {
		return nil, false
	}
	width := (hi - lo) / buckets
	if width == 0 {
		width = max(1e-12, math.Abs(lo)*1e-6)
	}
	limits, counts := make([]float64, buckets), make([]float64, buckets)
	for i := range limits {
		limits[i] = lo + width*float64(i+1)
	}
	limits[buckets-1] = max(hi, limits[buckets-1])
	for _, e := range x {
		v := float64(e)
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			counts[max(0, min(buckets-1, int((v-lo)/width)))]++
		}
	}
	return message(nil).double(1, lo).double(2, hi).double(3, n).double(4, sum).double(5, squares).doubles(6, limits).doubles(7, counts), true
}

// Image writes a picture at a step.
func (w *Writer) Image(tag string, step int, picture image.Image) error {
	if picture == nil {
		return fmt.Errorf("tensorboard: Image: the picture of %q is nil", tag)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		return fmt.Errorf("tensorboard: Image: %w", err)
	}
	const rgba = 4 // the colourspace
	size := picture.Bounds().Size()
	m := message(nil).integer(1, int64(size.Y)).integer(2, int64(size.X)).integer(3, rgba).bytes(4, b.Bytes())
	return w.value("Image", tag, step, message(nil).bytes(4, m))
}

// Flush brings what was written to the file.
func (w *Writer) Flush() error {
	if w == nil || w.b == nil {
		return nil
	}
	if err := w.b.Flush(); err != nil {
		return fmt.Errorf("tensorboard: Flush: %w", err)
	}
	return nil
}

// Close flushes and closes the file. Closing again does nothing.
func (w *Writer) Close() error {
	if w == nil || w.b == nil {
		return nil
	}
	err := errors.Join(w.Flush(), w.f.Close())
	w.b = nil
	return err
}
