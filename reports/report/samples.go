package report

import "sync"

// mostSamples is how many samples are kept: the months of some thirty years, for
// several revisions.
const mostSamples = 2000

// Samples keeps samples of revisions of one graph, for one way to ask it, so that
// many reports of one day find them once. Its zero value is ready; it may be used
// from several goroutines.
type Samples struct {
	mu    sync.Mutex
	kept  map[sampleKey]Sample
	order []sampleKey // the oldest first
}

// sampleKey is what a sample depends on. The hash tells graphs apart that have a
// revision of the same number, as when a store was restored.
type sampleKey struct {
	day      string
	revision uint64
	hash     string
}

// find is the sample at a point whose hash is known, or what ask finds.
// What it returns is shared and must not be changed.
func (s *Samples) find(at Point, ask func() (Sample, error)) (Sample, error) {
	if s == nil || at.Hash == "" {
		return ask()
	}
	key := sampleKey{at.Day.String(), at.Revision, at.Hash}
	s.mu.Lock()
	found, ok := s.kept[key]
	s.mu.Unlock()
	if ok {
		return found, nil
	}
	found, err := ask()
	if err != nil {
		return found, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept == nil {
		s.kept = map[sampleKey]Sample{}
	}
	if _, ok := s.kept[key]; !ok {
		s.order = append(s.order, key)
	}
	s.kept[key] = found
	if len(s.order) > mostSamples {
		delete(s.kept, s.order[0])
		s.order = s.order[1:]
	}
	return found, nil
}
