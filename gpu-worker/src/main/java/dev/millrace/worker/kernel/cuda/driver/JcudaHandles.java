package dev.millrace.worker.kernel.cuda.driver;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import jcuda.NativePointerObject;
import jcuda.Pointer;

/// Reads and writes the numbers inside the binding's objects, which it does not show: objects are then made once
/// instead of for each call.
final class JcudaHandles {

    private static final VarHandle VALUE = find();

    private JcudaHandles() {}

    private static VarHandle find() {
        try {
            return MethodHandles.privateLookupIn(NativePointerObject.class, MethodHandles.lookup())
                    .findVarHandle(NativePointerObject.class, "nativePointer", long.class);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("the CUDA binding is not the expected version", e);
        }
    }

    static long get(NativePointerObject object) {
        return (long) VALUE.get(object);
    }

    /// @return `object`
    static <T extends NativePointerObject> T set(T object, long value) {
        VALUE.set((NativePointerObject) object, value);
        return object;
    }

    /// A pointer to native memory at any address.
    static final class Address extends Pointer {
        Address() {
            super(0L);
        }
    }
}
