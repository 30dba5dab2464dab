package dev.millrace.cli.chat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ServerSentEventsTest {
    @Test
    void data_ends_at_a_blank_line_whatever_the_line_ends() throws IOException {
        assertThat(events("data: a\n\ndata: b\r\n\r\ndata:c\n\n")).containsExactly("a", "b", "c");
    }

    @Test
    void comments_and_other_fields_are_passed_over() throws IOException {
        assertThat(events(": heartbeat\n\nevent: message\nid: 7\ndata: a\n: more\n\nretry: 10\n\n"))
                .containsExactly("a");
    }

    @Test
    void lines_of_one_event_are_joined() throws IOException {
        assertThat(events("data: a\ndata\ndata:  b\n\n")).containsExactly("a\n\n b");
    }

    @Test
    void an_event_that_the_stream_ends_in_is_none() throws IOException {
        assertThat(events("data: a\n\ndata: b\n")).containsExactly("a");
        assertThat(events("")).isEmpty();
    }

    private static List<String> events(String stream) throws IOException {
        ServerSentEvents reader = new ServerSentEvents(new BufferedReader(new StringReader(stream)));
        List<String> events = new ArrayList<>();
        for (String data = reader.next(); data != null; data = reader.next()) {
            events.add(data);
        }
        return events;
    }
}
