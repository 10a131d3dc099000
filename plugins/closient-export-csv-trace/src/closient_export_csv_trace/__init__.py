"""FDA's traceability spreadsheet as CSV files in a ZIP, for those who want no workbook."""

from closient_export_csv_trace.writer import CsvZipWriter

__all__ = ["CsvZipWriter"]
