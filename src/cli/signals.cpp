#include <csignal>

#include "workplace.h"

namespace bdupdate::cli {

namespace {

volatile std::sig_atomic_t first_signal = 0;
volatile std::sig_atomic_t signal_count = 0;

extern "C" void note_signal(int signal) {
    if (first_signal == 0) first_signal = signal;
    signal_count = signal_count + 1;
}

}  // namespace

void watch_signals() {
    struct sigaction action {};
    action.sa_handler = note_signal;
    sigemptyset(&action.sa_mask);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(signal, &action, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
}

int signal_seen() {
    return first_signal;
}
bool abort_wanted() {
    return signal_count > 1;
}

}  // namespace bdupdate::cli
