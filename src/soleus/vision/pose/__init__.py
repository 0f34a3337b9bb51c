"""Body points from pictures: pose networks behind one Protocol, and the tracker that follows one runner."""
