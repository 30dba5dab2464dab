// A kernel that touches what is not there ends its launch with an error, as a device does, instead of the process.
#pragma once
#include "shim_fibers.h"
#include <pthread.h>
#include <signal.h>

namespace shim {

inline struct sigaction trapped_before;
inline pthread_t trapped_thread;

inline void on_trap(int signal, siginfo_t *info, void *context) {
    if (state.running && pthread_equal(pthread_self(), trapped_thread))
        fail("address %p is outside of memory", info->si_addr);
    // Somebody else's: a JVM reads pages that are not there on purpose.
    if (trapped_before.sa_flags & SA_SIGINFO)
        trapped_before.sa_sigaction(signal, info, context);
    else if (trapped_before.sa_handler == SIG_DFL || trapped_before.sa_handler == SIG_IGN)
        ::signal(signal, SIG_DFL);
    else
        trapped_before.sa_handler(signal);
}

// From now on for kernels that this thread runs.
inline void trap() {
    static bool installed;
    trapped_thread = pthread_self();
    if (installed) return;
    installed = true;
    struct sigaction action = {};
    action.sa_sigaction = on_trap;
    action.sa_flags = SA_SIGINFO | SA_NODEFER;
    sigemptyset(&action.sa_mask);
    sigaction(SIGSEGV, &action, &trapped_before);
}

// As g++ hands it over: of the place in the source only what is used here.
struct Misalignment {
    const char *file;
    uint32_t line, column;
    const void *type;
    unsigned char alignment_bits, kind;
};
}  // namespace shim

// What g++ calls before a kernel reads or writes where an address is no multiple of what the type asks for.
extern "C" __attribute__((used)) inline void __ubsan_handle_type_mismatch_v1_abort(const shim::Misalignment *what, uintptr_t address) {
    shim::fail("%s:%u: address %#zx is not aligned to %u bytes", what->file, what->line, static_cast<size_t>(address),
               1u << what->alignment_bits);
}
