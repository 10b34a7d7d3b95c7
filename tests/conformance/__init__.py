"""The Array API's test suite in a browser, and what of it is expected to fail on each device."""
