package train

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestLogs: the logs hold the history, also after an interruption between checkpoints, half
// a line left by a kill, and lines of steps that will be made again.
func TestLogs(t *testing.T) {
	folder := t.TempDir()
	c := small()
	c.Metrics = []Metric{RMSE(), R2()}
	c.Checkpoint, c.Resume = filepath.Join(folder, "c"), true
	paths := []string{filepath.Join(folder, "log.csv"), filepath.Join(folder, "log.json")}
	logs := func() []Observer { return []Observer{CSVLog(paths[0]), JSONLog(paths[1])} }
	ctx, stop := interruptAt(17)
	c.Observers = append(logs(), stop)
	_, err := Fit(ctx, c)
	require.NoError(t, err)
	for i, more := range []string{"20,6.7,1,1,1,1,1\n2", "{\"step\":20}\n{\"st"} {
		f, err := os.OpenFile(paths[i], os.O_APPEND|os.O_WRONLY, 0)
		require.NoError(t, err)
		_, err = f.WriteString(more)
		require.NoError(t, err)
		require.NoError(t, f.Close())
	}
	c.Observers = logs()
	r := fitOf(t, c)
	f, err := os.Open(paths[0])
	require.NoError(t, err)
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	require.NoError(t, err)
	require.Equal(t, []string{"step", "epoch", "train_loss", "valid_loss", "seconds", "rmse", "r2"}, rows[0])
	b, err := os.ReadFile(paths[1])
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	require.Len(t, rows, 1+len(r.History))
	require.Len(t, lines, len(r.History))
	for i, h := range r.History {
		want := []float64{float64(h.Step), h.Epoch, h.TrainLoss, h.ValidLoss, h.Seconds, h.Metrics[0], h.Metrics[1]}
		for k, x := range want {
			got, err := strconv.ParseFloat(rows[i+1][k], 64)
			require.NoError(t, err)
			require.Equal(t, x, got)
		}
		var line struct {
			Step    int
			Train   float64 `json:"train_loss"`
			Metrics map[string]float64
		}
		require.NoError(t, json.Unmarshal([]byte(lines[i]), &line))
		require.Equal(t, h.Step, line.Step)
		require.Equal(t, h.TrainLoss, line.Train)
		require.Equal(t, map[string]float64{"rmse": h.Metrics[0], "r2": h.Metrics[1]}, line.Metrics)
	}
	c.Checkpoint, c.Resume = "", false // starts anew
	r = fitOf(t, c)
	b, err = os.ReadFile(paths[0])
	require.NoError(t, err)
	require.Equal(t, 1+len(r.History), strings.Count(string(b), "\n"))
}

func TestLogErrors(t *testing.T) {
	folder := t.TempDir()
	c := small()
	c.Observers = []Observer{CSVLog(filepath.Join(folder, "no", "log.csv"))}
	_, err := Fit(context.Background(), c)
	require.ErrorContains(t, err, "observer *train.log, started: log ")
	c.Checkpoint, c.Resume, c.Observers = filepath.Join(folder, "c"), true, nil
	ctx, stop := interruptAt(7)
	c.Observers = []Observer{stop}
	_, err = Fit(ctx, c)
	require.NoError(t, err)
	for i, o := range []func(string) Observer{CSVLog, JSONLog} {
		path := filepath.Join(folder, fmt.Sprint(i))
		require.NoError(t, os.WriteFile(path, []byte("step\nfoo,1\n"), 0o666))
		c.Observers = []Observer{o(path)}
		_, err := Fit(context.Background(), c)
		require.ErrorContains(t, err, "line ")
		b, err := os.ReadFile(path) // what is no log is not overwritten
		require.NoError(t, err)
		require.Equal(t, "step\nfoo,1\n", string(b))
	}
	line, err := jsonLine(Event{Record: &Record{Step: 1, ValidLoss: math.NaN(), Metrics: []float64{math.Inf(-1)}}, Metrics: []string{"m"}})
	require.NoError(t, err)
	require.Contains(t, string(line), `"valid_loss":"NaN"`)
	require.Contains(t, string(line), `"m":"-Inf"`)
}

// TestObservers: what is told, in its order, and that an error ends training.
func TestObservers(t *testing.T) {
	c := small()
	c.Steps, c.EvalEvery, c.CheckpointEvery = 6, 3, 2
	c.Checkpoint = filepath.Join(t.TempDir(), "c")
	var seen []string
	c.Observers = []Observer{ObserverFunc(func(e Event) error {
		seen = append(seen, fmt.Sprint(e.Step, " ", e.Kind))
		require.Equal(t, 6, e.Steps)
		require.Equal(t, 16, e.Batch)
		require.NotNil(t, e.Network)
		require.Equal(t, e.Step >= 3 && seen[len(seen)-1] != "3 stepped", e.Record != nil)
		require.Equal(t, e.Kind == Ended, e.Result != nil)
		require.Equal(t, e.Step > 0, e.Loss > 0)
		return nil
	})}
	fitOf(t, c)
	require.Equal(t, []string{
		"0 started", "1 stepped", "2 stepped", "2 saved", "3 stepped", "3 evaluated", "4 stepped", "4 saved",
		"5 stepped", "6 stepped", "6 evaluated", "6 saved", "6 ended",
	}, seen)
	require.Equal(t, "unknown", Kind(9).String())
	full := errors.New("disk full")
	for kind := Started; kind <= Ended; kind++ {
		c.Observers = []Observer{ObserverFunc(func(e Event) error {
			if e.Kind == kind {
				return full
			}
			return nil
		})}
		_, err := Fit(context.Background(), c)
		require.ErrorIs(t, err, full, "%v", kind)
	}
}
