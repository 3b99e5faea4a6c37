// Package deploy holds the tests of Dockerfile and docker-compose.yml, which read them as text: they run where no
// container engine is.
package deploy
