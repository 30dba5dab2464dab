// What CPUs can do, for all kernels.
#ifndef MILLRACE_LEVELS_H
#define MILLRACE_LEVELS_H

// Levels of CPU features; a higher one can do what the lower ones can.
enum { LEVEL_NONE, LEVEL_AVX2, LEVEL_AVX_VNNI, LEVEL_AVX512_VNNI, LEVEL_AMX };

// What the compiler has words for.
#if defined(__x86_64__) && (__GNUC__ >= 11 || __clang_major__ >= 12)
#define HAS_AVX_VNNI 1
#define HAS_AMX 1
#endif

// The highest level of this machine.
int detect_level(void);

#endif
