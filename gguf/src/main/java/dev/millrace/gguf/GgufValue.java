package dev.millrace.gguf;

import java.util.List;

/// One metadata value: a record for each scalar type, and typed arrays.
public sealed interface GgufValue {
    GgufType type();

    /// What it is, for a message: `uint32`, `array of string`.
    default String describe() {
        return type().label();
    }

    /// Any of the eight integer types.
    sealed interface Whole extends GgufValue {
        /// The value; for [Uint64] the bits, negative where the number is beyond a long.
        long value();
    }

    record Uint8(long value) implements Whole {
        @Override
        public GgufType type() {
            return GgufType.UINT8;
        }
    }

    record Int8(long value) implements Whole {
        @Override
        public GgufType type() {
            return GgufType.INT8;
        }
    }

    record Uint16(long value) implements Whole {
        @Override
        public GgufType type() {
            return GgufType.UINT16;
        }
    }

    record Int16(long value) implements Whole {
        @Override
        public GgufType type() {
            return GgufType.INT16;
        }
    }

    record Uint32(long value) implements Whole {
        @Override
        public GgufType type() {
            return GgufType.UINT32;
        }
    }

    record Int32(long value) implements Whole {
        @Override
        public GgufType type() {
            return GgufType.INT32;
        }
    }

    record Uint64(long value) implements Whole {
        @Override
        public GgufType type() {
            return GgufType.UINT64;
        }
    }

    record Int64(long value) implements Whole {
        @Override
        public GgufType type() {
            return GgufType.INT64;
        }
    }

    record Float32(float value) implements GgufValue {
        @Override
        public GgufType type() {
            return GgufType.FLOAT32;
        }
    }

    record Float64(double value) implements GgufValue {
        @Override
        public GgufType type() {
            return GgufType.FLOAT64;
        }
    }

    record Bool(boolean value) implements GgufValue {
        @Override
        public GgufType type() {
            return GgufType.BOOL;
        }
    }

    record Text(String value) implements GgufValue {
        @Override
        public GgufType type() {
            return GgufType.STRING;
        }
    }

    /// Elements of one type.
    sealed interface Array extends GgufValue permits NumberArray, StringArray, NestedArray {
        GgufType elementType();

        int size();

        /// The element at `index`; throws IndexOutOfBoundsException beyond [#size].
        GgufValue get(int index);

        @Override
        default GgufType type() {
            return GgufType.ARRAY;
        }

        @Override
        default String describe() {
            return "array of " + elementType().label();
        }
    }

    /// Arrays within an array; they may differ in type and size.
    record NestedArray(List<Array> elements) implements Array {
        public NestedArray {
            elements = List.copyOf(elements);
        }

        @Override
        public GgufType elementType() {
            return GgufType.ARRAY;
        }

        @Override
        public int size() {
            return elements.size();
        }

        @Override
        public Array get(int index) {
            return elements.get(index);
        }
    }
}
