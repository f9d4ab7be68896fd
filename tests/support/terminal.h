#pragma once

#include <functional>
#include <string>
#include <vector>

#include "bdupdate/base/subprocess.h"

namespace bdupdate::test {

/// What somebody types, once the program has written something.
struct Typed {
    std::string when;  ///< a part of what it has written since the last keys; without escape sequences
    std::string keys;  ///< "y\n"; "\x03" is Ctrl-C
    std::function<void()> act = {};  ///< what happens besides, such as letting an update go on
};

struct TerminalOptions {
    unsigned short columns = 100, rows = 40;
    std::vector<Typed> typed;
    bool stdout_elsewhere = false;  ///< stdout is a pipe, as in `bdupdate run | tee log`
};

/// A terminal that wide, and who sits there.
TerminalOptions columns(int count, std::vector<Typed> typed = {});
/// The end of every question that yes or no answers.
inline constexpr const char* go_on = "[y/N] ";

/// What a program left on its terminal.
struct TerminalRun {
    std::string raw;                ///< every byte
    std::string text;               ///< the lines that stayed; what a live line was replaced by is gone
    std::string styled;             ///< the same with {b} {dim} {red} {green} {yellow} … {/} for its styles
    std::vector<std::string> live;  ///< lines that were replaced
    std::string out;                ///< of TerminalOptions::stdout_elsewhere
    ExitStatus status;
};

/// Runs a program on a pseudo terminal of its own: stdin, stdout and stderr, which is also its controlling
/// terminal. Throws where that cannot be done, where it writes nothing for a minute, or ends with something
/// still to be typed.
TerminalRun run_on_terminal(const SpawnOptions& command, const TerminalOptions& options);

/// Lines of bytes as a terminal shows them: understands carriage return, newline, erasing to the end of the
/// line, styles, and switching the automatic break on and off. Anything else throws: it would be a new thing
/// to look at.
TerminalRun shown(const std::string& raw);

}  // namespace bdupdate::test
