package generation

import (
	"bytes"
	"crypto/sha256"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/ditac-go/ditac/ditacop"
	"github.com/ditac-go/ditac/internal/atomicfile"
	"github.com/ditac-go/ditac/models"
)

// checkpoint is what a training goes on from: bit for bit as if it had not stopped.
type checkpoint struct {
	Progress progress
	// Networks are generator and discriminator, as ditacop.SaveTo writes them, and Solvers
	// the states of their Adams.
	Networks [2][]byte
	Solvers  [2][]models.AdamState
}

// save writes the checkpoint to a file, which holds its SHA-256 first.
func (g *gan) save(path string) error {
	c := checkpoint{Progress: g.progress}
	for i, p := range []player{g.generator, g.discriminator} {
		var b bytes.Buffer
		if err := ditacop.SaveTo(&b, append(p.net.Learnables(), p.net.State()...)); err != nil {
			return fmt.Errorf("checkpoint: %w", err)
		}
		c.Networks[i] = b.Bytes()
		for _, a := range p.solvers {
			c.Solvers[i] = append(c.Solvers[i], a.State())
		}
	}
	var b bytes.Buffer
	err := gob.NewEncoder(&b).Encode(c)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(path), 0o755)
	}
	if err == nil {
		sum := sha256.Sum256(b.Bytes())
		err = atomicfile.Write(path, func(w io.Writer) error {
			_, err := w.Write(append(sum[:], b.Bytes()...))
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("checkpoint: %w", err)
	}
	return nil
}

// resume brings the training to where the checkpoint in a file is, if there is one.
func (g *gan) resume(path string) error {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = g.restore(b)
	}
	if err != nil {
		return fmt.Errorf("checkpoint %s: %w; without the file, the training begins anew", path, err)
	}
	return nil
}

func (g *gan) restore(b []byte) error {
	const size = sha256.Size
	if len(b) < size || [size]byte(b) != sha256.Sum256(b[size:]) {
		return errors.New("it is damaged")
	}
	var c checkpoint
	if err := gob.NewDecoder(bytes.NewReader(b[size:])).Decode(&c); err != nil {
		return err
	}
	if c.Progress.Step > g.steps {
		return fmt.Errorf("it has made %d steps of %d", c.Progress.Step, g.steps)
	}
	for i, p := range []player{g.generator, g.discriminator} {
		if len(c.Solvers[i]) != len(p.solvers) {
			return fmt.Errorf("it has %d solvers, want %d", len(c.Solvers[i]), len(p.solvers))
		}
		if err := ditacop.LoadFrom(bytes.NewReader(c.Networks[i]), append(p.net.Learnables(), p.net.State()...)); err != nil {
			return err
		}
		for k, a := range p.solvers {
			if err := a.SetState(c.Solvers[i][k]); err != nil {
				return err
			}
		}
	}
	g.progress = c.Progress
	return models.CopyNetwork(g.critic, g.discriminator.net)
}
