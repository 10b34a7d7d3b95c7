"""The lazy graph and its passes: simplify → fuse → place → plan."""
