package dashboard

import (
	"context"
	"os"
	"strings"
	"time"
)

const (
	// followGap is how often the folder is looked at for what other processes add to it.
	followGap = time.Second
	// silence is how long the file of a run without an end may stay as it is before its
	// training counts as cut short.
	silence = 30 * time.Second
)

// follow reads what other processes add to the folder until ctx ends.
func (b *Board) follow(ctx context.Context) {
	tick := time.NewTicker(followGap)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			_ = b.look() // a folder that cannot be read now is tried again
		}
	}
}

// look reads what is new in the folder: files of runs, and lines of those that no training of
// this process writes.
func (b *Board) look() error {
	files, err := os.ReadDir(b.dir)
	if err != nil {
		return err
	}
	for _, f := range files {
		if name, ok := strings.CutSuffix(f.Name(), extension); ok && runName.MatchString(name) {
			b.found(name).refresh(b.path(name))
		}
	}
	return nil
}

// found returns the run of a name, new if there was none.
func (b *Board) found(name string) *run {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.runs[name] == nil {
		b.runs[name] = newRun(name)
	}
	return b.runs[name]
}

// refresh reads the file of a run if another process has changed it.
func (r *run) refresh(path string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	info, err := os.Stat(path)
	if r.live || err != nil || info.Size() == r.size && info.ModTime().Equal(r.changed) {
		return
	}
	r.problem = ""
	if err := r.load(path); err != nil {
		r.problem = err.Error()
	}
	r.version++
}
