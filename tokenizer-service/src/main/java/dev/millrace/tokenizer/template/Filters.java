package dev.millrace.tokenizer.template;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The filters, by name: jinja2's own with `tojson` as transformers replaces it. `random` and `urlize` are missing: a
/// prompt must not differ from one rendering to the next, and no prompt needs HTML links.
final class Filters {
    private static final Map<String, Filter> FILTERS = new HashMap<>();

    static {
        TextFilters.register(FILTERS);
        LayoutFilters.register(FILTERS);
        MarkupFilters.register(FILTERS);
        NumberFilters.register(FILTERS);
        SequenceFilters.register(FILTERS);
        OrderFilters.register(FILTERS);
        SelectionFilters.register(FILTERS);
        FILTERS.put("tojson", JsonText::filter);
        FILTERS.put("pprint", PrettyPrint::filter);
    }

    private Filters() {}

    static @Nullable Filter find(String name) {
        return FILTERS.get(name);
    }
}
