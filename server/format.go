package server

import (
	"fmt"
	"mime"
	"slices"
	"strconv"
	"strings"

	"roundtrip/queries/render"
)

// chooseFormat is the form of an answer: what ?format names, else the first of
// the forms that Accept likes best.
func chooseFormat(c *call) (render.Format, error) {
	formats := render.Formats()
	types := make([]string, len(formats))
	for i, f := range formats {
		types[i] = f.ContentType
	}
	i, err := choose(c, formatNames(), types)
	if err != nil {
		return render.Format{}, err
	}
	return formats[i], nil
}

// choose is the place of the form that a request wants among forms with those
// names and content types.
func choose(c *call, names, contentTypes []string) (int, error) {
	if name, ok := c.query[formatKey]; ok {
		i := slices.Index(names, name)
		if i < 0 {
			return 0, arguments(Entry{Location: "query." + formatKey, Value: name, Message: "want one of " + strings.Join(names, ", ")})
		}
		return i, nil
	}
	accept := strings.Join(c.r.Header.Values("Accept"), ",")
	if strings.TrimSpace(accept) == "" {
		return 0, nil
	}
	best, quality := 0, 0.0
	types := make([]string, len(contentTypes))
	for i, t := range contentTypes {
		types[i] = mediaType(t)
		if q := qualityOf(accept, types[i]); q > quality {
			best, quality = i, q
		}
	}
	if quality == 0 {
		return 0, &fault{kind: notAcceptable, detail: fmt.Sprintf("Accept is %q; this can be had as %s", accept, strings.Join(types, ", "))}
	}
	return best, nil
}

// mediaType is a content type without its parameters.
func mediaType(contentType string) string {
	t, _, _ := strings.Cut(contentType, ";")
	return strings.ToLower(strings.TrimSpace(t))
}

// qualityOf is how much an Accept header likes a media type, from 0 to 1: the
// weight of the most specific range that it falls under.
func qualityOf(accept, media string) float64 {
	kind, _, _ := strings.Cut(media, "/")
	quality, specific := 0.0, -1
	for item := range strings.SplitSeq(accept, ",") {
		name, params, err := mime.ParseMediaType(item)
		if err != nil {
			continue
		}
		rank := -1
		switch name {
		case media:
			rank = 2
		case kind + "/*":
			rank = 1
		case "*/*":
			rank = 0
		}
		if rank <= specific {
			continue
		}
		q := 1.0
		if text, ok := params["q"]; ok {
			if q, err = strconv.ParseFloat(text, 64); err != nil || q < 0 || q > 1 {
				continue
			}
		}
		quality, specific = q, rank
	}
	return quality
}
