#pragma once

namespace bdupdate::cli {

/// The whole program: parses the command line, runs the command, prints, and returns the exit code.
int run_program(int argc, char** argv);

}  // namespace bdupdate::cli
