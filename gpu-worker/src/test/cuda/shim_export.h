// The kernels of this library by name, with the sizes of their arguments.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace shim {

struct Export {
    std::vector<size_t> argument_bytes;
    // Copies the arguments, as a launch does.
    std::function<std::function<void()>(void **)> bind;
};

inline std::map<std::string, Export> &exports() {
    static std::map<std::string, Export> all;
    return all;
}

template <class... A, size_t... I>
inline std::function<void()> bound(void (*kernel)(A...), void **arguments, std::index_sequence<I...>) {
    const std::tuple<A...> values(*static_cast<A *>(arguments[I])...);
    return [=] { std::apply(kernel, values); };
}

struct Registration {
    template <class... A> Registration(const char *name, void (*kernel)(A...)) {
        exports()[name] = {{sizeof(A)...}, [=](void **arguments) {
                               return bound(kernel, arguments, std::index_sequence_for<A...>{});
                           }};
    }
};
}  // namespace shim

#define EXPORT(kernel) static const shim::Registration registration_##kernel(#kernel, kernel);
