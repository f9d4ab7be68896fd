#include "bdupdate/base/text.h"
#include "description.h"

namespace bdupdate::cli {

namespace {

constexpr std::string_view introduction = R"roff(.SH DESCRIPTION
.B bdupdate
runs the pending updates of a Backdrop CMS site (and of Drupal 7 sites that stay with Drupal 7) from the command
line: what
.I core/update.php
does in a browser, with the site kept safe while it happens.
It backs up first.
Every update runs inside a transaction, with the config directory in step.
What fails is undone, and what was interrupted, by Ctrl-C, a crash or a power cut, goes on where it stood.
.PP
.B status
and
.B plan
read the site from the outside: without PHP, without writing anything.
.B run
needs PHP 7.2 or later with the PDO driver of the site's database, and for MySQL and MariaDB a client program
.RB ( mariadb\-dump " or " mysqldump )
to back up with.
.PP
Standard output is the answer, standard error is talk.
With
.B \-\-format json
the answer is JSON; its fields stand in
.IR json.md .
)roff";

constexpr std::string_view closing = R"roff(.SH EXIT STATUS
.TP
.B 0
done, or nothing pending
.TP
.B 1
an update, the flush of the caches or the check after a run failed; the output says what state the site is in
.TP
.B 2
usage error; command line, config file or settings.php not understood
.TP
.B 3
updates are pending
.RB ( "status \-\-exit\-code" )
.TP
.B 4
blocked updates, or an enabled module without code: they were left out, the rest ran
.TP
.B 5
anything else found before the first change; nothing touched
.TP
.B 6
the backup failed; nothing touched
.TP
.B 7
a restore failed or is impossible: the site needs hands
.TP
.B 8
an interrupted run must be recovered first
.TP
.B 11
another run holds the site
.TP
.BR 129 ", " 130 ", " 143
interrupted by SIGHUP, SIGINT, SIGTERM after the current pass; state saved,
.B bdupdate recover
continues
.SH FILES
.TP
.I /var/lib/bdupdate/SITE
journal, lock and backups of a site, for root
.TP
.IR $XDG_STATE_HOME/bdupdate/SITE ", " ~/.local/state/bdupdate/SITE
the same for everybody else
.PP
.B \-\-state\-dir
and
.B \-\-backup\-dir
name other places.
They must lie outside the docroot, and outlive deployments and containers.
.SH EXAMPLES
What would happen, and then let it happen:
.PP
.RS
.nf
cd /var/www/club
bdupdate status
bdupdate plan
sudo bdupdate run
.fi
.RE
.PP
Every night, with a mail only where something went wrong:
.PP
.RS
.nf
30 3 * * *  root  bdupdate \-\-root /var/www/club run \-\-yes \-\-quiet
.fi
.RE
.PP
PHP in a container:
.PP
.RS
.nf
bdupdate \-\-php "docker exec \-i web php" \-\-path\-map /srv/club=/var/www/html run
.fi
.RE
.PP
A site to try everything on:
.PP
.RS
.nf
bdupdate demo club && cd club && bdupdate status
.fi
.RE
.SH SEE ALSO
.BR php (1),
.BR mariadb\-dump (1)
)roff";

/// Text in roff: no macro begins in it, a minus is one, and what is not ASCII is named by its number.
std::string roff(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const bool line_begins = i == 0 || text[i - 1] == '\n';
        if (line_begins && (byte == '.' || byte == '\'')) result += "\\&";
        if (byte == '\\')
            result += "\\e";
        else if (byte == '-')
            result += "\\-";
        else if (byte == '`')
            result += "\\(ga";
        else if (byte == '\'')
            result += "\\(aq";
        else if (text.compare(i, 3, "…") == 0)
            result += "\\&...", i += 2;
        else
            result += text[i];
    }
    return result;
}

/// "\fB\-\-root\fR \fIDIR\fR"
std::string heading(const OptionDescription& option) {
    std::string value;
    if (!option.choices.empty()) {
        for (const std::string& choice : option.choices)
            value += (value.empty() ? "\\fB" : "\\fR|\\fB") + roff(choice);
        value += "\\fR";
    } else if (!option.value.empty()) {
        value = "\\fI" + roff(option.value) + "\\fR";
    }
    if (option.repeats) value += " ...";
    if (option.names.empty()) return value;
    std::string text;
    for (const std::string& name : option.names)
        text += (text.empty() ? "\\fB" : ", \\fB") + roff(name) + "\\fR";
    return value.empty() ? text : text + " " + value;
}

std::string entry(const OptionDescription& option) {
    std::string text = ".TP\n" + heading(option) + "\n" + roff(option.help) + "\n";
    if (!option.preset.empty()) text += "(default: " + roff(option.preset) + ")\n";
    if (!option.variable.empty()) text += ".br\nEnvironment: \\fB" + roff(option.variable) + "\\fR\n";
    return text;
}

/// Usage, help and options of a command, and of those below it.
std::string section(const std::string& path, const CommandDescription& command) {
    std::string usage = roff("bdupdate " + path);
    for (const OptionDescription& option : command.arguments)
        usage += option.required ? " " + heading(option) : " [" + heading(option) + "]";
    std::string text;
    if (command.commands.empty()) {
        text = ".SS \"" + usage + "\"\n" + roff(command.help) + "\n";
        if (!command.aliases.empty()) {
            text += ".br\nAlso: ";
            for (const std::string& alias : command.aliases)
                text += (&alias == command.aliases.data() ? "\\fB" : ", \\fB") + roff(alias) + "\\fR";
            text += "\n";
        }
    }
    for (const OptionDescription& option : command.arguments) text += entry(option);
    for (const OptionDescription& option : command.options) text += entry(option);
    for (const CommandDescription& below : command.commands) text += section(path + " " + below.name, below);
    return text;
}

}  // namespace

std::string man_page(const CommandDescription& program) {
    std::string text = ".TH BDUPDATE 1 2026-11-23 \"bdupdate " BDUPDATE_VERSION "\" \"User Commands\"\n";
    text += ".SH NAME\nbdupdate \\- " + roff(program.help) + "\n";
    text += ".SH SYNOPSIS\n.B bdupdate\n[\\fIglobal options\\fR] \\fICOMMAND\\fR [\\fIoptions\\fR]\n";
    text += introduction;
    text += ".SH COMMANDS\n";
    for (const CommandDescription& command : program.commands) text += section(command.name, command);
    text += ".SH GLOBAL OPTIONS\nThey may stand before the command or after it.\n";
    for (const OptionDescription& option : program.options) text += entry(option);
    return text + std::string(closing);
}

}  // namespace bdupdate::cli
