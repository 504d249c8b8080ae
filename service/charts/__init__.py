"""Charts of answers: pure functions from an answer to a Vega-Lite specification, and one place that draws them."""
