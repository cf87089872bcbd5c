// container-check reads a Compose file or a Dockerfile as Docker does, and prints as JSON what it has read.
//
//	container-check compose FILE
//	container-check dockerfile FILE
//
// It ends with 1 when Docker would refuse the file, and says why; nothing is built and nothing is fetched.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "container-check: %v\n", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 2 {
		return errors.New("usage: container-check compose|dockerfile FILE")
	}
	read, known := map[string]func(string) (any, error){"compose": readCompose, "dockerfile": readDockerfile}[args[0]]
	if !known {
		return fmt.Errorf("there is no check of a %q", args[0])
	}
	result, err := read(args[1])
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(result)
}

// readCompose is what `docker compose config` does: schema, interpolation, paths and references. The environment is empty.
func readCompose(file string) (any, error) {
	options, err := cli.NewProjectOptions([]string{file})
	if err != nil {
		return nil, err
	}
	return options.LoadProject(context.Background())
}

type instruction struct {
	Name  string   `json:"name"`
	Words []string `json:"words"`
}

type dockerfile struct {
	Instructions []instruction `json:"instructions"`
	Warnings     []string      `json:"warnings"`
}

// readDockerfile is what BuildKit does before it builds: it parses, and looks for what `docker build --check` warns of.
func readDockerfile(file string) (any, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	parsed, err := parser.Parse(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	result := dockerfile{Warnings: []string{}}
	for _, warning := range parsed.Warnings {
		result.Warnings = append(result.Warnings, warning.Short)
	}
	for _, node := range parsed.AST.Children {
		result.Instructions = append(result.Instructions, instruction{Name: node.Value, Words: wordsOf(node)})
	}
	warn := func(rule, _, _, detail string, _ []parser.Range) {
		result.Warnings = append(result.Warnings, fmt.Sprintf("%s: %s", rule, detail))
	}
	_, _, err = instructions.Parse(parsed.AST, linter.New(&linter.Config{Warn: warn}))
	return result, err
}

// wordsOf gives the flags and the words of an instruction; BuildKit has the words as a linked list.
func wordsOf(node *parser.Node) []string {
	words := append([]string{}, node.Flags...)
	for next := node.Next; next != nil; next = next.Next {
		words = append(words, next.Value)
	}
	return words
}
