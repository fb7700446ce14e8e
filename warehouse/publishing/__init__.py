"""From a private build file to a release that anybody may read at any time."""
