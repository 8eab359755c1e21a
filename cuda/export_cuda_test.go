//go:build cuda

package cuda

import engine "gorgonia.org/gorgonia/cuda"

// EngineForTests returns the session's engine.
func (s *Session) EngineForTests() *engine.Engine { return s.engine }
