#include "levels.h"

#if defined(__x86_64__)
#include <sys/syscall.h>
#include <unistd.h>

#if HAS_AMX
// Whether the operating system lets this process use the tiles; asking makes it so.
static int may_use_tiles(void) {
    const long request_permission = 0x1023;
    const long tile_data = 18;
    unsigned eax, ebx, ecx, edx;
    __asm__ volatile("cpuid" : "=a"(eax), "=b"(ebx), "=c"(ecx), "=d"(edx) : "a"(7), "c"(0));
    const unsigned amx_tile = 1u << 24;
    const unsigned amx_int8 = 1u << 25;
    return (edx & amx_tile) != 0 && (edx & amx_int8) != 0
            && syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
}
#endif

int detect_level(void) {
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return LEVEL_NONE;
    unsigned eax, ebx, ecx, edx;
    __asm__ volatile("cpuid" : "=a"(eax), "=b"(ebx), "=c"(ecx), "=d"(edx) : "a"(1), "c"(0));
    const unsigned f16c = 1u << 29;
    if ((ecx & f16c) == 0) return LEVEL_NONE;
    int level = LEVEL_AVX2;
#if HAS_AVX_VNNI
    __asm__ volatile("cpuid" : "=a"(eax), "=b"(ebx), "=c"(ecx), "=d"(edx) : "a"(7), "c"(1));
    const unsigned avx_vnni = 1u << 4;
    if ((eax & avx_vnni) != 0) level = LEVEL_AVX_VNNI;
#endif
    if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw")
            || !__builtin_cpu_supports("avx512vl") || !__builtin_cpu_supports("avx512dq")
            || !__builtin_cpu_supports("avx512vnni"))
        return level;
#if HAS_AMX
    if (may_use_tiles()) return LEVEL_AMX;
#endif
    return LEVEL_AVX512_VNNI;
}

#else

int detect_level(void) {
    return LEVEL_NONE;
}
#endif
