// Package webtest opens the page of the real server in a real Chromium. Its
// tests are skipped under -short, and where there is no Chromium unless CI is
// true. With ROUNDTRIP_SCREENSHOTS set to a folder the pictures are kept there.
package webtest
