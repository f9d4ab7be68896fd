#include "bdupdate/cli/program.h"

int main(int argc, char** argv) {
    return bdupdate::cli::run_program(argc, argv);
}
