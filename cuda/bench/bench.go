// Package bench is the control panel of the bench on which code for CUDA runs without
// a GPU: the stand-in for gorgonia.org/cu (folder fakecu) takes its settings from
// here and writes here what it did. Tests use it, and do without where Active is
// false, as on a real GPU.
package bench

import (
	"maps"
	"sync"

	"github.com/ditac-go/ditac/cuda/ptxsim"
)

var panel struct {
	sync.Mutex
	active   bool
	config   ptxsim.Config
	launches map[string]int
	stats    ptxsim.Stats
}

// Activate is called by the stand-in when it is linked in.
func Activate() {
	panel.Lock()
	defer panel.Unlock()
	panel.active = true
}

// Active says whether the program runs on the bench.
func Active() bool {
	panel.Lock()
	defer panel.Unlock()
	return panel.active
}

// Configure sets how kernels run from now on.
func Configure(c ptxsim.Config) {
	panel.Lock()
	defer panel.Unlock()
	panel.config = c
}

// Config returns how kernels run.
func Config() ptxsim.Config {
	panel.Lock()
	defer panel.Unlock()
	return panel.config
}

// Record notes a launch. The stand-in calls it.
func Record(kernel string, s ptxsim.Stats) {
	panel.Lock()
	defer panel.Unlock()
	if panel.launches == nil {
		panel.launches = map[string]int{}
	}
	panel.launches[kernel]++
	panel.stats.Steps += s.Steps
	panel.stats.Barriers += s.Barriers
}

// Launches returns how often each kernel was launched since the last Reset.
func Launches() map[string]int {
	panel.Lock()
	defer panel.Unlock()
	return maps.Clone(panel.launches)
}

// Stats returns the sums over all launches since the last Reset.
func Stats() ptxsim.Stats {
	panel.Lock()
	defer panel.Unlock()
	return panel.stats
}

// Reset forgets the launches.
func Reset() {
	panel.Lock()
	defer panel.Unlock()
	panel.launches, panel.stats = nil, ptxsim.Stats{}
}
