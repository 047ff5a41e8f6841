"""Plan and data -> cells: periods are settled, members read, each source asked once, and its parts rolled up."""
