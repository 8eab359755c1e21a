// Package browser tests the dashboard in a headless Chromium. It is a module of its own,
// so that those who import ditac do not depend on what drives the browser.
package browser
