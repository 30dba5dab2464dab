package dev.millrace.worker.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The model in this repository, and what it has to answer.
final class DemoModel {

    static final Path PATH = models().resolve("millrace-guide-q8_0.gguf");
    static final int LAYERS = 4;
    static final int END_TOKEN = 2047;

    private DemoModel() {}

    /// A prompt and its greedy continuation, the end token included.
    record Conversation(String name, List<Integer> prompt, List<Integer> answer) {}

    /// The conversations whose answers are known.
    static List<Conversation> conversations() {
        JsonNode goldens;
        try {
            goldens = JsonMapper.shared().readTree(Files.readString(models().resolve("goldens.json")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Map<String, List<Integer>> prompts = new HashMap<>();
        for (JsonNode conversation : goldens.get("conversations")) {
            prompts.put(conversation.get("id").asString(), ids(conversation.get("prompt_ids")));
        }
        List<Conversation> conversations = new ArrayList<>();
        for (JsonNode answer : goldens.get("files").get(PATH.getFileName().toString())) {
            String name = answer.get("conversation").asString();
            conversations.add(
                    new Conversation(name, prompts.getOrDefault(name, List.of()), ids(answer.get("greedy_ids"))));
        }
        return conversations;
    }

    private static List<Integer> ids(JsonNode array) {
        List<Integer> ids = new ArrayList<>();
        array.forEach(id -> ids.add(id.asInt()));
        return ids;
    }

    private static Path models() {
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            if (Files.isDirectory(folder.resolve("models"))) {
                return folder.resolve("models");
            }
        }
        throw new IllegalStateException("the folder models is missing");
    }
}
