// CUDA's types of numbers and what it does with single ones.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

struct half {
    _Float16 value;
};
struct __nv_bfloat16 {
    uint16_t bits;
};
struct half2 {
    half x, y;
};
struct __nv_bfloat162 {
    __nv_bfloat16 x, y;
};
typedef half __half;
typedef half2 __half2;
struct alignas(2) char2 { signed char x, y; };
struct alignas(4) char4 { signed char x, y, z, w; };
struct alignas(2) uchar2 { unsigned char x, y; };
struct alignas(4) uchar4 { unsigned char x, y, z, w; };
struct alignas(4) ushort2 { unsigned short x, y; };
struct alignas(8) int2 { int x, y; };
struct alignas(16) int4 { int x, y, z, w; };
struct alignas(8) uint2 { unsigned x, y; };
struct alignas(16) uint4 { unsigned x, y, z, w; };
struct alignas(8) float2 { float x, y; };
struct alignas(16) float4 { float x, y, z, w; };
struct alignas(16) double2 { double x, y; };

inline int2 make_int2(int x, int y) { return {x, y}; }
inline int4 make_int4(int x, int y, int z, int w) { return {x, y, z, w}; }
inline uint2 make_uint2(unsigned x, unsigned y) { return {x, y}; }
inline uint4 make_uint4(unsigned x, unsigned y, unsigned z, unsigned w) { return {x, y, z, w}; }
inline float2 make_float2(float x, float y) { return {x, y}; }
inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }
inline char4 make_char4(signed char x, signed char y, signed char z, signed char w) { return {x, y, z, w}; }

namespace shim {
template <class To, class From> inline To as(From from) {
    static_assert(sizeof(To) == sizeof(From), "sizes differ");
    To to;
    memcpy(&to, &from, sizeof to);
    return to;
}
}  // namespace shim

inline float __half2float(half value) { return static_cast<float>(value.value); }
inline half __float2half(float value) { return {static_cast<_Float16>(value)}; }
inline half __float2half_rn(float value) { return __float2half(value); }
inline unsigned short __half_as_ushort(half value) { return shim::as<unsigned short>(value); }
inline half __ushort_as_half(unsigned short bits) { return shim::as<half>(bits); }
inline float2 __half22float2(half2 value) { return {__half2float(value.x), __half2float(value.y)}; }
inline half2 __halves2half2(half x, half y) { return {x, y}; }
inline half __low2half(half2 value) { return value.x; }
inline half __high2half(half2 value) { return value.y; }
inline float __low2float(half2 value) { return __half2float(value.x); }
inline float __high2float(half2 value) { return __half2float(value.y); }
inline float __bfloat162float(__nv_bfloat16 value) { return shim::as<float>(static_cast<uint32_t>(value.bits) << 16); }
inline unsigned short __bfloat16_as_ushort(__nv_bfloat16 value) { return value.bits; }
inline __nv_bfloat16 __ushort_as_bfloat16(unsigned short bits) { return {bits}; }
inline __nv_bfloat16 __float2bfloat16(float value) {
    const uint32_t bits = shim::as<uint32_t>(value);
    if (value != value) return {0x7fff};
    return {static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16)};
}

inline unsigned __float_as_uint(float value) { return shim::as<unsigned>(value); }
inline int __float_as_int(float value) { return shim::as<int>(value); }
inline float __uint_as_float(unsigned bits) { return shim::as<float>(bits); }
inline float __int_as_float(int bits) { return shim::as<float>(bits); }
inline long long __double_as_longlong(double value) { return shim::as<long long>(value); }
inline double __longlong_as_double(long long bits) { return shim::as<double>(bits); }
inline int __float2int_rn(float value) { return static_cast<int>(rintf(value)); }
inline float __int2float_rn(int value) { return static_cast<float>(value); }
inline float rsqrtf(float value) { return 1.0f / sqrtf(value); }

inline int __popc(unsigned value) { return __builtin_popcount(value); }
inline int __popcll(unsigned long long value) { return __builtin_popcountll(value); }
inline int __clz(int value) { return value ? __builtin_clz(value) : 32; }
inline int __clzll(long long value) { return value ? __builtin_clzll(value) : 64; }
inline int __ffs(int value) { return __builtin_ffs(value); }
inline unsigned __umulhi(unsigned a, unsigned b) { return static_cast<unsigned>(static_cast<uint64_t>(a) * b >> 32); }
inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
    return static_cast<unsigned long long>(static_cast<unsigned __int128>(a) * b >> 64);
}
inline unsigned __byte_perm(unsigned low, unsigned high, unsigned selector) {
    const uint64_t bytes = static_cast<uint64_t>(high) << 32 | low;
    unsigned result = 0;
    for (int i = 0; i < 4; i++) {
        const unsigned choice = selector >> 4 * i & 15;
        unsigned byte = static_cast<unsigned>(bytes >> 8 * (choice & 7)) & 255;
        if (choice & 8) byte = byte & 128 ? 255 : 0;
        result |= byte << 8 * i;
    }
    return result;
}
inline int __dp4a(int a, int b, int sum) {
    for (int i = 0; i < 4; i++) sum += static_cast<int8_t>(a >> 8 * i) * static_cast<int8_t>(b >> 8 * i);
    return sum;
}
inline int opaque(int value) { return value; }
template <class T> inline T load_once(const T *at) { return *at; }
template <class T> inline T __ldg(const T *at) { return *at; }
template <class T> inline T *in_device_memory(T *at) { return at; }

inline int min(int a, int b) { return a < b ? a : b; }
inline int max(int a, int b) { return a > b ? a : b; }
inline unsigned min(unsigned a, unsigned b) { return a < b ? a : b; }
inline unsigned max(unsigned a, unsigned b) { return a > b ? a : b; }
inline long long min(long long a, long long b) { return a < b ? a : b; }
inline long long max(long long a, long long b) { return a > b ? a : b; }
inline unsigned long min(unsigned long a, unsigned long b) { return a < b ? a : b; }
inline unsigned long max(unsigned long a, unsigned long b) { return a > b ? a : b; }
inline unsigned long long min(unsigned long long a, unsigned long long b) { return a < b ? a : b; }
inline unsigned long long max(unsigned long long a, unsigned long long b) { return a > b ? a : b; }
