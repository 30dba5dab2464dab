package dev.millrace.gguf;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.gguf.GgufValue.Bool;
import dev.millrace.gguf.GgufValue.Float64;
import dev.millrace.gguf.GgufValue.Int16;
import dev.millrace.gguf.GgufValue.Int64;
import dev.millrace.gguf.GgufValue.Int8;
import dev.millrace.gguf.GgufValue.NestedArray;
import dev.millrace.gguf.GgufValue.Uint16;
import dev.millrace.gguf.GgufValue.Uint64;
import dev.millrace.gguf.GgufValue.Uint8;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GgufMetadataTest {
    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void every_scalar_type_is_read(int version) {
        GgufMetadata metadata = read(new GgufWriter(version)
                .raw("a", GgufType.UINT8, new LittleEndian().int8(255))
                .raw("b", GgufType.INT8, new LittleEndian().int8(-1))
                .uint16("c", 65535)
                .raw("d", GgufType.INT16, new LittleEndian().int16(-2))
                .uint32("e", 0xFFFFFFFFL)
                .int32("f", -3)
                .float32("g", 1.5f)
                .bool("h", true)
                .string("i", "é")
                .uint64("j", -1)
                .raw("k", GgufType.INT64, new LittleEndian().int64(-4))
                .raw("l", GgufType.FLOAT64, new LittleEndian().int64(Double.doubleToLongBits(2.5))));

        assertThat(metadata.keys()).containsExactly("a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l");
        assertThat(metadata.find("a")).contains(new Uint8(255));
        assertThat(metadata.find("b")).contains(new Int8(-1));
        assertThat(metadata.find("c")).contains(new Uint16(65535));
        assertThat(metadata.find("d")).contains(new Int16(-2));
        assertThat(metadata.integer("e")).isEqualTo(0xFFFFFFFFL);
        assertThat(metadata.integer("f")).isEqualTo(-3);
        assertThat(metadata.floating("g")).isEqualTo(1.5f);
        assertThat(metadata.bool("h", false)).isTrue();
        assertThat(metadata.string("i")).isEqualTo("é");
        assertThat(metadata.find("j")).contains(new Uint64(-1));
        assertThat(metadata.find("k")).contains(new Int64(-4));
        assertThat(metadata.find("l")).contains(new Float64(2.5));
        assertThat(metadata.floating("l")).isEqualTo(2.5f);
    }

    @Test
    void arrays_of_every_kind_are_read() {
        GgufMetadata metadata = read(new GgufWriter()
                .strings("strings", List.of("a", "", "ümlaut"))
                .int32s("integers", 1, -2, 3)
                .float32s("floats", 0.5f, -0.25f)
                .array("bools", GgufType.BOOL, 2, new LittleEndian().int8(1).int8(0))
                .array("longs", GgufType.INT64, 1, new LittleEndian().int64(1L << 40))
                .array("empty", GgufType.STRING, 0, new LittleEndian()));

        assertThat(metadata.strings("strings")).containsExactly("a", "", "ümlaut");
        assertThat(metadata.integers("integers")).containsExactly(1, -2, 3);
        assertThat(metadata.floats("floats")).containsExactly(0.5f, -0.25f);
        assertThat(array(metadata, "bools").get(0)).isEqualTo(new Bool(true));
        assertThat(array(metadata, "longs").get(0)).isEqualTo(new Int64(1L << 40));
        assertThat(metadata.strings("empty")).isEmpty();
        assertThatThrownBy(() -> metadata.integers("longs"))
                .isInstanceOf(GgufException.class)
                .hasMessage("file: element 0 of key 'longs' is out of range: 1099511627776 is not within 32 bits");
    }

    @Test
    void arrays_within_arrays_are_read() {
        LittleEndian inner = new LittleEndian()
                .int32(GgufType.UINT8.id())
                .int64(2)
                .int8(7)
                .int8(8)
                .int32(GgufType.STRING.id())
                .int64(1)
                .string("x");
        GgufMetadata metadata = read(new GgufWriter().array("nested", GgufType.ARRAY, 2, inner));

        NestedArray nested = (NestedArray) array(metadata, "nested");

        assertThat(nested.size()).isEqualTo(2);
        assertThat(nested.get(0).get(1)).isEqualTo(new Uint8(8));
        assertThat(((StringArray) nested.get(1)).strings()).containsExactly("x");
    }

    @Test
    void a_token_may_be_any_bytes_and_keeps_them() {
        byte[] notUtf8 = {(byte) 0xFF, 'a'};
        GgufMetadata metadata = read(new GgufWriter()
                .array("tokens", GgufType.STRING, 1, new LittleEndian().int64(2).bytes(notUtf8)));

        assertThat(((StringArray) array(metadata, "tokens")).bytes(0)).isEqualTo(notUtf8);
        assertThat(metadata.strings("tokens")).containsExactly("\uFFFDa");
        assertThat("\uFFFDa".getBytes(UTF_8)).isNotEqualTo(notUtf8);
    }

    @Test
    void a_wrong_type_or_a_missing_key_is_named() {
        GgufMetadata metadata = read(new GgufWriter()
                .string("text", "1")
                .uint64("huge", -1)
                .strings("words", List.of("a"))
                .int32s("numbers", 1));

        assertRefused(
                () -> metadata.integer("text"),
                "file: key 'text' has the wrong type: integer is needed, the file has string");
        assertRefused(
                () -> metadata.integer("text", 3),
                "file: key 'text' has the wrong type: integer is needed, the file has string");
        assertRefused(() -> metadata.string("none"), "file: key 'none' is missing; a string is needed");
        assertRefused(
                () -> metadata.integer("huge"),
                "file: key 'huge' is out of range: 18446744073709551615 is beyond a signed 64-bit integer");
        assertRefused(
                () -> metadata.floats("words"),
                "file: key 'words' has the wrong type: array of floating-point numbers is needed, "
                        + "the file has array of string");
        assertRefused(
                () -> metadata.strings("numbers"),
                "file: key 'numbers' has the wrong type: array of string is needed, the file has array of int32");
        assertThat(metadata.integer("none", 5)).isEqualTo(5);
        assertThat(metadata.string("none", "x")).isEqualTo("x");
        assertThat(metadata.floating("none", 2)).isEqualTo(2);
        assertThat(metadata.bool("none", true)).isTrue();
        assertThat(metadata.contains("none")).isFalse();
    }

    private static void assertRefused(Runnable access, String message) {
        assertThatThrownBy(access::run).isInstanceOf(GgufException.class).hasMessage(message);
    }

    private static GgufValue.Array array(GgufMetadata metadata, String key) {
        return (GgufValue.Array) metadata.find(key).orElseThrow();
    }

    private static GgufMetadata read(GgufWriter writer) {
        return GgufHeader.read("file", MemorySegment.ofArray(writer.toBytes())).metadata();
    }
}
