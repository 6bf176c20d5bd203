"""One commit per row, each as often as it takes while another writer commits."""


def try_each(rows, commit):
    """How many tries it took."""
    tries = 0
    for row in rows:
        for _ in range(200):
            tries += 1
            try:
                commit(row)
                break
            except Exception as raised:
                refused = raised
        else:
            raise refused
    return tries
