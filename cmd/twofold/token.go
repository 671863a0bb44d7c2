package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/schollz/progressbar/v3"
	"github.com/urfave/cli/v2"

	"twofold/core"
	"twofold/httpapi"
	"twofold/internal/importfile"
)

func tokenCommand() *cli.Command {
	return group(&cli.Command{
		Name:        "token",
		Usage:       "move tokens",
		Subcommands: []*cli.Command{tokenImportCommand()},
	})
}

func tokenImportCommand() *cli.Command {
	return leaf(&cli.Command{
		Name:      "import",
		Usage:     "import tokens that people have already",
		ArgsUsage: "FILE",
		Description: "FILE is `-` for standard input. It holds otpauth URIs, one a line, with the user and a tab\n" +
			"before it where the URI does not name them; or CSV with a header of user, secret, algorithm,\n" +
			"digits, period, label. Each token is active at once. A line is refused if nobody has its name, or\n" +
			"if its seed belongs to another token or account, or did.\n\n" +
			"Example: twofold token import --atomic tokens.csv",
		Flags: []cli.Flag{
			flag("atomic", "write nothing unless every line is valid"),
			jsonFlag(),
		},
	}, func(c *cli.Context) (err error) {
		file, err := openInput(c, c.Args().First())
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		return importTokens(c, file)
	})
}

// openInput opens a file, or standard input for "-".
func openInput(c *cli.Context, name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(awaited{c.Context, c.App.Reader}), nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("opening the file: %w", err)
	}
	return f, nil
}

func importTokens(c *cli.Context, file io.Reader) error {
	in := bufio.NewReaderSize(file, importfile.MaxLine)
	begin, err := in.Peek(importfile.MaxLine)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("reading the file: %w", err)
	}
	return ask(c, func(ctx context.Context, server *httpapi.Client) error {
		progress, end := importProgress(c)
		report, err := server.Import(ctx, in, importfile.Sniff(begin), c.Bool("atomic"), progress)
		return errors.Join(end(), printImport(c, report, err))
	})
}

// importProgress draws a bar where somebody watches.
func importProgress(c *cli.Context) (progress func(done, total int), end func() error) {
	if _, ok := terminal(c.App.ErrWriter); !ok {
		return nil, func() error { return nil }
	}
	bar := progressbar.NewOptions(-1, progressbar.OptionSetWriter(c.App.ErrWriter), progressbar.OptionSetDescription("importing"),
		progressbar.OptionShowCount(), progressbar.OptionClearOnFinish())
	var failed error
	return func(done, total int) {
		bar.ChangeMax(total)
		failed = errors.Join(failed, bar.Set(done))
	}, func() error { return errors.Join(failed, bar.Finish()) }
}

// printImport tells every line that was refused; any makes the command fail.
func printImport(c *cli.Context, report core.ImportReport, err error) error {
	if err != nil && report.Imported == 0 && report.Refused == 0 {
		return err
	}
	if report.Refused > 0 {
		err = errors.Join(err, errSaid)
	}
	if c.Bool("json") {
		return errors.Join(err, printJSON(c.App.Writer, report))
	}
	for _, l := range report.Lines {
		if err := printf(c.App.ErrWriter, "line %d: %s%s\n", l.Line, clean(named(l.User)), clean(plainly(errors.New(l.Why)))); err != nil {
			return err
		}
	}
	said := fmt.Sprintf("%s imported, %s refused", plural(report.Imported, "token"), plural(report.Refused, "line"))
	if report.Weak > 0 {
		said += fmt.Sprintf("; %d with a seed shorter than RFC 4226 demands", report.Weak)
	}
	return errors.Join(err, printf(c.App.Writer, "%s\n", said))
}

func named(user string) string {
	if user == "" {
		return ""
	}
	return user + ": "
}
