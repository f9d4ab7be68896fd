#pragma once

#include <string>
#include <variant>
#include <vector>

namespace bdupdate::docs {

/// An HTML comment `<!-- test: VERB ARGUMENT`, with shell commands in the lines below it. Verbs:
///   fresh, mariadb, empty  a new place: the example site in /srv/club (on SQLite, on MariaDB), or nothing
///                          `fresh small disk`: left out where the test may not mount one
///   server restarted       MariaDB, after a page has ended it
///   also                   nothing but the shell commands
///   file PATH, append PATH the next block is (part of) that file
///   script                 the next block of sh is run, and must end with 0
///   unit NAME              the next block is a unit of systemd, by that name
///   not run: REASON        the next block is only read
struct Directive {
    std::string verb, argument, shell;
    int line = 0;
};

/// What stands between two fences.
struct Block {
    std::string language, text;
    int line = 0;  ///< of the opening fence, from 1
};

/// Text between blocks and directives.
struct Prose {
    std::string text;
    int line = 0;
};

using Item = std::variant<Directive, Block, Prose>;

/// A page, from top to bottom.
std::vector<Item> read_page(const std::string& text);

/// A command of a console block with the output shown below it.
struct Command {
    std::string text;      ///< without prompt; lines of a longer one ("> ") joined by newlines
    std::string expected;  ///< lines up to the next command
    int first = 0;         ///< number of the first line of output, and how many there are
    int count = 0;
};

std::vector<Command> commands_of(const Block& block);

}  // namespace bdupdate::docs
