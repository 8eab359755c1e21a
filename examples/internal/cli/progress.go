package cli

import (
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// Progress shows how far a long work is, on the standard error output where that is a
// terminal. It may be used by several goroutines at once.
type Progress struct{ bar *progressbar.ProgressBar }

// NewProgress returns a bar of the given number of units. A bar that is not shown
// counts all the same.
func NewProgress(total int64, what string, show bool) *Progress {
	return &Progress{progressbar.NewOptions64(total,
		progressbar.OptionSetWriter(os.Stderr),
		progressbar.OptionSetVisibility(show && term.IsTerminal(int(os.Stderr.Fd()))),
		progressbar.OptionSetDescription(what),
		progressbar.OptionSetWidth(30),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionSetElapsedTime(true),
		progressbar.OptionThrottle(200*time.Millisecond),
		progressbar.OptionClearOnFinish(),
	)}
}

// Add counts n units. An output that cannot be written to is no reason to stop
// the work.
func (p *Progress) Add(n int) { _ = p.bar.Add(n) }

// Close removes the bar.
func (p *Progress) Close() { _ = p.bar.Finish() }
